import Testing

@Suite("Every program with few descriptors", .timeLimit(.minutes(2)))
struct FewDescriptorsTests {
  private static let lines: [[String]] = [
    ["aosctl", "status"], ["aosctl", "--help"], ["aostop", "--once"], ["aostop", "--demo"],
    ["aosd", "balancer", "--database", "sqlite:/no/such/folder/c.db"], ["aosd", "demo"],
    ["aosd", "instance", "--name", "AOS01", "--max-clients", "9", "--listen", "127.0.0.1:0"],
    ["aosd", "restore", "/no/such/file", "--database", "sqlite:/no/such/folder/c.db"],
  ]

  @Test("says so in plain words before it does anything, and ends with 1", arguments: lines)
  func plainWords(words: [String]) async throws {
    for descriptors in [5, 8, 12, words[0] == "aosd" ? 56 : 18] {
      let run = try await Program.run(
        "/bin/sh",
        ["-c", #"ulimit -n \#(descriptors); exec "$@""#, "sh", Program.path(words[0])]
          + words.dropFirst(),
        environment: ["PATH": "/usr/bin:/bin", "AOS_BALANCER": "unix:///no/such.sock"])
      #expect(run.status == 1, "\(descriptors): \(run.error)")
      #expect(run.output == "")
      #expect(run.error.contains("too many open files"), "\(descriptors): \(run.error)")
      #expect(run.error.contains("ulimit -n"), "\(run.error)")
    }
  }
}
