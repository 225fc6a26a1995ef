import Foundation
import ScriptedServer
import Testing

/// `examples/`: clients in other languages and programs on the library, run against a real cluster.
@Suite("The clients in examples/", .timeLimit(.minutes(3)))
struct ExampleTests {
  static let clients = ["client.py", "client.sh", "SwiftClient"]

  /// A script stands among the examples, what was built stands among the programs.
  private static func path(_ client: String) -> String {
    guard client.contains(".") else { return Program.path(client) }
    return URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../examples/\(client)").standardized.path
  }

  /// A machine where AOS01 is full and AOS02 is empty, and a client at AOS02, which was given an
  /// entry where nobody listens, AOS01 and the balancer.
  private func walk(
    _ client: String,
    _ test: (GuideMachine, Task<Program.Result, any Error>) async throws -> Void
  ) async throws {
    let nobody = try ClosedPort()
    defer { nobody.release() }
    try await GuideMachine.run(["AOS01": 1, "AOS02": 5]) { machine in
      let full = try machine.address(of: "AOS01")
      try await machine.expect(
        "aosctl connect --servers AOS01@\(full) >other.out & echo $! >other.pid")
      try await machine.until("cat other.out", holds: "is open at AOS01")
      let servers = "\(nobody.address);AOS01@\(full);LB1@\(try machine.address(of: "LB1"))"
      let client = Task { try await Program.run(Self.path(client), [servers]) }
      try await machine.until("aosctl sessions AOS02", holds: "client")
      try await test(machine, client)
    }
  }

  @Test("pass dead entries and full servers over, and read notices and the end", arguments: clients)
  func ended(client: String) async throws {
    try await walk(client) { machine, client in
      try await machine.expect(
        """
        aosctl drain AOS02 --message 'save now' --deadline 1h \
          --acknowledge lastServer --acknowledge overCapacity
        aosctl end AOS02 $(aosctl sessions AOS02 --json | jq -r '.sessions[0].session')
        """)
      let result = try await client.value
      #expect(result.status == 3)
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines.filter { $0.hasPrefix("asking ") }.count == 3)
      #expect(lines.contains { $0.hasSuffix("and all places are taken.") })
      #expect(lines.contains { $0.hasSuffix("is open at AOS02") })
      #expect(lines.contains { $0.hasPrefix("notice: save now (the session ends at ") })
      #expect(lines.last == "the session was ended: Ended by an operator.")
    }
  }

  @Test("say that their user works, and see that their server is gone", arguments: clients)
  func lost(client: String) async throws {
    try await walk(client) { machine, client in
      try await machine.until("aosctl sessions AOS02 --json", holds: "activeAt")
      try await machine.expect("kill -9 $(cat AOS02.pid)")
      let result = try await client.value
      #expect(result.status == 2)
      #expect(result.output.contains("\nthe session was lost"))
    }
  }

  @Test("leave on SIGTERM, and their place is free at once", arguments: clients)
  func leave(client: String) async throws {
    try await GuideMachine.run(["AOS01": 5]) { machine in
      let balancer = try machine.address(of: "LB1")
      try await machine.expect(
        "'\(Self.path(client))' \(balancer) >client.out & echo $! >client.pid")
      try await machine.until("aosctl sessions AOS01", holds: "client")
      try await machine.expect("kill $(cat client.pid)")
      try await machine.until("aosctl status", holds: "sessions 0 of 5")
      try await machine.until("cat client.out", holds: "^closed$")
    }
  }

  @Test("an operator's program follows the cluster, drains a server and enables it")
  func operates() async throws {
    try await GuideMachine.run { machine in
      let program = "'\(Program.path("SwiftOperator"))' unix://\(machine.socket)"
      try await machine.expect("\(program) >changes.out & echo $! >changes.pid")
      try await machine.until("cat changes.out", holds: "^AOS01 accepting$")
      try await machine.expect("\(program) drain AOS01")
      try await machine.until("cat changes.out", holds: "^AOS01 drained$")
      try await machine.expect("\(program) enable AOS01")
      try await machine.until("tail -n 1 changes.out", holds: "^AOS01 accepting$")
      let unknown = try await machine.run("\(program) drain AOS77")
      #expect(unknown.status == 3)
    }
    #expect(try await Program.run(Program.path("SwiftOperator"), []).status == 1)
  }

  @Test("say what is missing, and that nobody answers, by their exit codes", arguments: clients)
  func codes(client: String) async throws {
    let nobody = try ClosedPort()
    defer { nobody.release() }
    #expect(try await Program.run(Self.path(client), []).status == 1)
    #expect(try await Program.run(Self.path(client), ["\(nobody.address)"]).status == 2)
  }

  @Test("SwiftClient sends words to the application and prints the answer")
  func application() async throws {
    let application = try TestApplication { $0.send("\($0.receiveAll().count) bytes\n") }
    defer { application.stop() }
    try await GuideMachine.run(to: "\(application.address)") { machine in
      let result = try await Program.run(
        Self.path("SwiftClient"), ["LB1@\(try machine.address(of: "LB1"))", "ana", "hello"])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.hasSuffix("\n5 bytes\nclosed\n"), "\(result.output)")
    }
  }
}
