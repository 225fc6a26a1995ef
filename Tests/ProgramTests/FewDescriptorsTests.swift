import Testing

@Suite("The programs of operators with few descriptors", .timeLimit(.minutes(2)))
struct FewDescriptorsTests {
  @Test(
    "they say so in plain words, and end with 1",
    arguments: [["aosctl", "status"], ["aostop", "--once"]])
  func plainWords(words: [String]) async throws {
    let run = try await Program.run(
      "/bin/sh",
      ["-c", #"ulimit -n 12; exec "$@""#, "sh", Program.path(words[0])] + words.dropFirst(),
      environment: ["PATH": "/usr/bin:/bin", "AOS_BALANCER": "unix:///no/such.sock"])
    #expect(run.status == 1)
    #expect(run.output == "")
    #expect(run.error.contains("too many open files"), "\(run.error)")
    #expect(run.error.contains("ulimit -n"), "\(run.error)")
  }
}
