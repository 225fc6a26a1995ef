import Testing

/// What `make bench` starts.
@Suite("The programs of a benchmark", .timeLimit(.minutes(5)))
struct BenchmarkTests {
  @Test("end with it, however it ends", arguments: ["TERM", "KILL"])
  func end(signal: String) async throws {
    let script = """
      "$1" --only readers >/dev/null 2>&1 &
      until balancer=$(pgrep -P $! -x aosd); do kill -0 $! || exit 1; sleep 0.02; done
      kill -$2 $!
      wait $!
      while [ -e /proc/$balancer/exe ]; do sleep 0.02; done
      """
    let bench = Program.path("ClusterBenchmarks")
    let result = try await Program.run("/bin/sh", ["-c", script, "sh", bench, signal])
    #expect(result.status == 0, "\(result.error)")
  }
}
