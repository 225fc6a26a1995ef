import Testing

/// What `make soak` does for minutes, here for some deaths: real programs, a real PostgreSQL.
@Suite("Programs killed at random", .timeLimit(.minutes(10)))
struct SoakTests {
  @Test("lose no acknowledged action and leave no client without a server")
  func soak() async throws {
    // The patience is the machine's: what the cluster promises of time is measured by `make soak`.
    let result = try await Program.run(
      Program.path("SoakCluster"), ["--kills", "8", "--clients", "30", "--patience", "60"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("every promise was kept"), "\(result.output)")
  }

  @Test("a client that waits for too long is noticed")
  func impatience() async throws {
    // Nobody gets a session in no time at all, so every client waits for too long.
    let result = try await Program.run(
      Program.path("SoakCluster"), ["--kills", "8", "--clients", "30", "--patience", "0.000001"])
    #expect(result.status == 1, "\(result.output)")
    #expect(result.error.contains("without a server for too long"), "\(result.error)")
  }
}
