import ClusterClient
import ClusterModel
import Foundation
import Testing

@Suite("aosctl roll", .timeLimit(.minutes(4)))
struct RollTests {
  private static let names = ["AOS01", "AOS02", "AOS03", "AOS04"]

  @Test("restarts four real instances one by one, and never passes one that does not come back")
  func fourInstances() async throws {
    try await ProcessCluster.run { cluster in
      var ports: [String: Int] = [:]
      for name in Self.names { ports[name] = try await cluster.startInstance(name) }
      try await cluster.until("all serve") { $0.handshakeList.count == 4 }
      let (third, fourth) = (try InstanceID("AOS03"), try InstanceID("AOS04"))
      let roll = try AOSControlProcess(
        ["roll"] + Self.names + ["--balancer", cluster.balancer, "--reason", "KB5"])
      for name in ["AOS01", "AOS02", "AOS03"] {
        await roll.printed("\(name) is drained: restart it now")
        cluster.kill(name, SIGKILL)
        try await cluster.end(of: name)
        if name != "AOS03" { try await cluster.startInstance(name, port: ports[name] ?? 0) }
      }
      await roll.printed("AOS03 is unreachable")
      let status = try await cluster.operators.status()
      #expect(status[fourth]?.admission == .accepting, "it is not its turn")
      #expect(status[third]?.drain?.untilRestart == true)
      #expect(status[third]?.admissionReason == "KB5")
      roll.interrupt()
      let first = await roll.finish()
      #expect(first.status == -1, "Ctrl-C ends it, as it ends any program")
      let since = try #require(
        first.lines.first?.split(separator: " ").dropFirst().first?.dropLast())
      #expect(
        first.errors.contains(
          "AOS03 stays drained until its restart. Go on with the same terms: "
            + "aosctl roll AOS03 AOS04 --since \(since)"))

      try await cluster.startInstance("AOS03", port: ports["AOS03"] ?? 0)
      let again = try AOSControlProcess(
        ["roll"] + Self.names + ["--since", String(since), "--balancer", cluster.balancer])
      await again.printed("AOS04 is drained: restart it now")
      cluster.kill("AOS04", SIGTERM)
      try await cluster.end(of: "AOS04")
      try await cluster.startInstance("AOS04", port: ports["AOS04"] ?? 0)
      let second = await again.finish()
      #expect(second.status == 0)
      #expect(second.lines.last == "all have restarted")
      #expect(second.lines.contains("AOS01 has restarted and is in the list"))
      #expect(!second.output.contains("AOS01 drains"))
    }
  }

  @Test("says why it pauses and why it refuses")
  func refuses() async throws {
    try await ProcessCluster.run { cluster in
      try await cluster.startInstance("AOS01")
      try await cluster.until("it serves") { $0.handshakeList.count == 1 }
      let roll = try AOSControlProcess(["roll", "AOS01", "--balancer", cluster.balancer])
      await roll.printed("AOS01 waits: no other server takes sessions")
      roll.interrupt()
      #expect(await roll.finish().errors.contains("Go on with the same terms"))
      let balancer = try await AOSControlProcess(
        ["roll", "LB1", "--balancer", cluster.balancer]
      ).finish()
      #expect(balancer.status == 3)
      #expect(balancer.errors.contains("LB1 is a load balancer"))
      let unknown = try await AOSControlProcess(
        ["roll", "AOS99", "--balancer", cluster.balancer]
      ).finish()
      #expect(unknown.status == 3)
    }
  }
}
