import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import TestSupport
import Testing

/// Clients of real daemons after every balancer was killed.
@Suite("Clients without any balancer", .timeLimit(.minutes(2)))
struct LoneClientTests {
  private static let clients = 1_000
  /// Clients on their way at one time.
  private static let atOnce = 16

  @Test("1,000 of them spread over four servers within 5 points of each other")
  func spread() async throws {
    allowManyFiles()
    try await LiveCluster.run { cluster in
      let names = ["AOS01", "AOS02", "AOS03", "AOS04"]
      for name in names {
        try await cluster.start(name, maximum: Self.clients) { $0.peerMilliseconds = 60_000 }
      }
      try await cluster.startSecondBalancer().until("it knows the servers") {
        $0.handshakeList.count == names.count
      }
      let one = try cluster.instance("AOS01")
      try await eventually("AOS01 knows the others") {
        try await one.handshake(HandshakeRequest()).servers.count == names.count
      }
      let entries = [
        cluster.balancerAddress, try #require(cluster.addresses["LB2"]),
        try #require(cluster.addresses["AOS01"]),
      ]
      await cluster.killBalancer()
      await cluster.killInstance("LB2")
      let counts = await Self.come(to: entries, over: cluster.transport)
      #expect(counts.values.reduce(0, +) == Self.clients)
      let shares = names.map { 100 * Double(counts[$0] ?? 0) / Double(Self.clients) }
      let points = (shares.max() ?? 0) - (shares.min() ?? 0)
      #expect(points <= 5, "\(counts)")
    }
  }

  /// All clients go the way of a client, and stay until the last has come.
  ///
  /// - Returns: How many sessions have opened at each server.
  private static func come(
    to addresses: [Address], over transport: HTTPTransport
  ) async -> [String: Int] {
    let entries = addresses.map { ServerEntry(address: $0) }
    let (ends, tell) = AsyncStream.makeStream(of: String?.self)
    return await withTaskGroup(of: Void.self) { group in
      var (counts, begun, left): ([String: Int], Int, Int) = ([:], 0, clients)
      func begin() {
        let walk = ClientWalk(
          entries: entries, user: "u\(begun)", computer: "pc", limits: .patient,
          transport: transport)
        begun += 1
        group.addTask {
          let end = await walk.run { step in
            if case .opened(let server, _) = step { tell.yield(server.id.text) }
          }
          if end != .closed { tell.yield(nil) }
        }
      }
      for _ in 0..<atOnce { begin() }
      for await name in ends {
        if let name { counts[name, default: 0] += 1 }
        left -= 1
        if left == 0 { break }
        if begun < clients { begin() }
      }
      group.cancelAll()
      return counts
    }
  }
}

extension WalkLimits {
  /// A busy machine must not look like a fault.
  fileprivate static let patient = WalkLimits(answer: 60_000, opening: 60_000, silence: 60_000)
}
