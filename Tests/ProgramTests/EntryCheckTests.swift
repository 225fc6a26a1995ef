import ClusterAPI
import ClusterClient
import ClusterModel
import ProgramSupport
import ScriptedServer
import Synchronization
import TestSupport
import Testing

@testable import AOSControl

@Suite("The servers of a configuration", .timeLimit(.minutes(2)))
struct EntryCheckTests {
  /// Runs a test with a number of servers that have one script.
  private static func servers(
    _ count: Int, _ addresses: [Address] = [], script: @escaping ScriptedServer.Script,
    _ test: @escaping @Sendable ([Address]) async throws -> Void
  ) async throws {
    guard count > 0 else { return try await test(addresses) }
    try await ScriptedServer.run(script: script) { server in
      try await servers(count - 1, addresses + [try server.address], script: script, test)
    }
  }

  @Test("are asked at the same time: a silent server does not delay the others")
  func atOnce() async throws {
    let count = 40
    let arrived = Mutex(0)
    let script: ScriptedServer.Script = { _, reply in
      arrived.withLock { $0 += 1 }
      // Nobody is answered before all were asked.
      try await eventually("all are asked") { arrived.withLock { $0 } == count }
      try await reply.json(
        Liveness(
          id: try InstanceID("LB1"), role: Role.loadBalancer.name, cluster: "TEST", version: "1"))
    }
    try await Self.servers(count, script: script) { addresses in
      let transport = HTTPTransport()
      let answers = await EntryCheck.ask(addresses + addresses, tls: false, transport)
      await transport.shutDown()
      #expect(answers.count == count)
      for address in addresses { #expect(throws: Never.self) { try answers[address]?.get() } }
    }
  }

  @Test("have a time for all together: then the rest, the last ones, is not asked any more")
  func silent() async throws {
    try await Self.servers(5, script: { _, reply in try await reply.hang() }) { addresses in
      let transport = HTTPTransport()
      let answers = await EntryCheck.ask(
        addresses, tls: false, transport, atOnce: 2, within: 250)
      await transport.shutDown()
      #expect(Set(answers.keys) == Set(addresses.prefix(2)))
      for address in addresses.prefix(2) {
        #expect(throws: ClientFailure.self) { try answers[address]?.get() }
      }
      let text =
        "Configuration: A\r\n    aos2,Text,"
        + addresses.map { "@\($0)" }.joined(separator: ";") + "\r\n"
      let report = ConfigurationReport(
        file: "a.axc", content: ClientConfigurationFile(Array(text.utf8)), answers: answers)
      #expect(report.text.last?.hasSuffix("was not asked, since others took all the time") == true)
      #expect(report.failure?.status == .unreachable)
    }
  }
}
