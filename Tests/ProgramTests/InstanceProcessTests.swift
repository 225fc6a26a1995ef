import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Testing

@Suite("An instance as a process of a cluster", .timeLimit(.minutes(3)))
struct InstanceProcessTests {
  @Test("that an operator adds serves by the cluster's key alone, without ever joining")
  func added() async throws {
    try await ProcessCluster.run { cluster in
      let key = try await aosctl("cluster-key", "--balancer", cluster.balancer)
      #expect(key.status == 0)
      let file = cluster.folder + "/cluster.pub"
      try key.output.write(toFile: file, atomically: true, encoding: .utf8)
      let port = try await cluster.startInstance("AOS01", joins: false, "--cluster-key", file)
      let add = try await aosctl(
        "add", "AOS01", "127.0.0.1:\(port)", "--balancer", cluster.balancer)
      #expect(add.status == 0, "\(add.errors)")
      let one = try InstanceID("AOS01")
      let there = try await cluster.until("it obeys") { $0[one]?.delivered == true }
      #expect(there[one]?.state == .drained)
      #expect(there[one]?.load.maximum == 5)
      let enable = try await aosctl("enable", "AOS01", "--balancer", cluster.balancer)
      #expect(enable.status == 0, "\(enable.errors)")
      let client = try cluster.client(at: port)
      try await cluster.until("a client is in") { $0[one]?.load.connected == 1 }
      client.kill(SIGKILL)
    }
  }

  @Test("with --drain-on-stop leaves the list at SIGTERM and ends after its last session")
  func drainOnStop() async throws {
    try await ProcessCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let port = try await cluster.startInstance("AOS01", "--drain-on-stop")
      try await cluster.until("it serves") { $0.handshakeList.contains(one) }
      let client = try cluster.client(at: port)
      try await cluster.until("a client is in") { $0[one]?.load.connected == 1 }
      cluster.kill("AOS01", SIGTERM)
      let leaving = try await cluster.until("it has left the list") {
        $0[one]?.health == .stopped
      }
      #expect(leaving[one]?.load.connected == 1)
      #expect(leaving.handshakeList.isEmpty)
      client.kill(SIGKILL)
      try await cluster.end(of: "AOS01")
    }
  }

  @Test("that waits for its sessions ends at the second SIGTERM")
  func endsAnyway() async throws {
    try await ProcessCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let port = try await cluster.startInstance("AOS01", "--drain-on-stop")
      try await cluster.until("it serves") { $0.handshakeList.contains(one) }
      let client = try cluster.client(at: port)
      try await cluster.until("a client is in") { $0[one]?.load.connected == 1 }
      cluster.kill("AOS01", SIGTERM)
      try await cluster.until("it has left the list") { $0[one]?.health == .stopped }
      cluster.kill("AOS01", SIGTERM)
      try await cluster.end(of: "AOS01")
      try await client.end()
    }
  }
}
