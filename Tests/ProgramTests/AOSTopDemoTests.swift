import Foundation
import TestSupport
import Testing

/// The dashboard on the demo: a real cluster in one process.
@Suite("aostop on a real cluster", .serialized)
struct AOSTopDemoTests {
  @Test("drain and enable by key: asked first, carried out, seen on the screen")
  func drainAndEnable() async throws {
    let session = try await TerminalSession()
    try await session.start("--demo")
    try await session.waitUntil("instances that accept") { $0.contains("AOS01") }
    // The search leaves one instance under the cursor.
    try await session.type("/AOS02")
    try await session.press("Enter")
    try await session.waitUntil("the filter") { $0.contains("1 of 9") }
    try await session.press("D")
    try await session.waitFor("Cancel")
    try await session.press("Escape")
    try await session.waitUntil("no dialog") { !$0.contains("Cancel") }
    #expect(try await !session.screen().contains("draining"))
    // It is not to be confirmed before the balancer has said what it would do.
    try await session.press("D")
    try await session.waitFor("stay in the list")
    try await session.confirm()
    try await session.waitUntil("a drain") {
      $0.contains("draining") || $0.contains("drained")
    }
    try await session.press("E")
    try await session.waitFor("The list grows")
    try await session.confirm()
    try await session.waitUntil("an end of the drain") { screen in
      screen.split(separator: "\n").contains { $0.contains("AOS02") && $0.contains("accepting") }
    }
    try await session.press("q")
    try await session.expectOrder(status: 0)
    #expect(try isEverythingGone(session))
  }

  @Test("[ shows what the feed told before, and 0 what it tells now")
  func lookBack() async throws {
    let session = try await TerminalSession()
    try await session.start("--demo")
    try await session.waitFor("AOS01")
    // At first there is nothing older.
    let past: () async throws -> String = {
      try await session.press("[")
      return try await session.screen()
    }
    try await eventually("the past", past) { $0.contains(" PAST at ") }
    try await session.press("0")
    try await session.waitUntil("now") { !$0.contains("PAST") }
    try await session.press("q")
    try await session.expectOrder(status: 0)
  }

  @Test(
    "the demo ends with aostop, however that ends, and leaves nothing behind",
    arguments: [SIGTERM, SIGKILL, SIGUSR1, SIGVTALRM])
  func demoEnds(signal: Int32) async throws {
    let session = try await TerminalSession()
    try await session.start("--demo")
    try await session.waitFor("AOS01")
    let program = try await session.program()
    let demo = try await children(of: program)
    #expect(!demo.isEmpty)
    kill(program, signal)
    for child in demo { try await Program.waitForEnd(of: child) }
    #expect(try isEverythingGone(session))
  }

  @Test("an error that ends the program is printed after the terminal is restored")
  func error() async throws {
    let session = try await TerminalSession()
    try await session.start("--demo")
    try await session.waitFor("AOS01")
    for child in try await children(of: try await session.program()) { kill(child, SIGKILL) }
    try await session.waitFor("aostop: the demo cluster has ended")
    try await session.expectOrder(status: 2)
  }

  @Test("one picture as text, one snapshot as JSON, without any escape code")
  func printed() async throws {
    let text = try await Program.run(Program.path("aostop"), ["--demo", "--once"])
    #expect(text.status == 0)
    #expect(text.output.contains("Handshake list"))
    #expect(!text.output.contains("\u{1B}"))
    let json = try await Program.run(Program.path("aostop"), ["--demo", "--json"])
    #expect(json.status == 0)
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    #expect((object as? [String: Any])?["handshakeList"] is [Any])
  }

  @Test("a stream begins with a snapshot and goes on with changes, a JSON object each line")
  func stream() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("aostop-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let command = """
      export TMPDIR='\(folder.path)'
      { '\(Program.path("aostop"))' --demo --stream; echo "status $?" >&2; } | head -n 4
      """
    let result = try await Program.run("/bin/bash", ["-c", command])
    // Nobody reads on: it ends as other programs do then, by SIGPIPE, and leaves nothing behind.
    #expect(result.error == "status 141\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    let keys = try result.output.split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      return (object as? [String: Any])?.keys.first
    }
    #expect(keys.count == 4)
    #expect(keys.first == "snapshot")
    #expect(keys.dropFirst().allSatisfy { $0 == "change" || $0 == "action" })
  }

  private func children(of program: pid_t) async throws -> [pid_t] {
    try await Program.run("/usr/bin/env", ["pgrep", "-P", "\(program)"]).output
      .split(separator: "\n").compactMap { pid_t($0) }
  }

  /// The folder of the demo, with its socket, was removed.
  private func isEverythingGone(_ session: TerminalSession) throws -> Bool {
    let names = try FileManager.default.contentsOfDirectory(atPath: session.folder.path)
    return !names.contains { $0.hasPrefix("aostop-") }
  }
}
