import ClusterAPI
import ClusterModel
import NIOCore
import Testing

@testable import Balancing
@testable import BalancerService

@Suite("Writing handshake answers")
struct HandshakeWriterTests {
  @Test("an answer holds what is in the list, whatever moved since the one before")
  func moves() throws {
    let writer = try HandshakeWriter(cluster: "PROD", balancer: InstanceID("LB1"))
    var random = SplitMix64(seed: 7)
    var list = HandshakeEntries()
    for round in 0..<4_000 {
      let number = Int.random(in: 1...14, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: list.set(try InstanceID("AOS\(number)"), to: nil)
      case 1:
        // What a handshake does: the first has one more, and goes down the list.
        guard let first = list.first else { continue }
        list.setReserved(first.load.reserved + 1, on: first.id, weight: 1 + round % 2)
      case 2:
        let id = try InstanceID("AOS\(number)")
        list.setReserved(Int.random(in: 0...70, using: &random), on: id, weight: 1)
      default:
        let entry = try Self.entry(number, connected: Int.random(in: 0...60, using: &random))
        list.set(entry.id, to: (HandshakeRank(id: entry.id, load: entry.load), entry))
      }
      let limit = [nil, 3, 5][round % 3]
      let ticket = round % 4 == 0 ? nil : "t"
      try Self.expect(
        list.view(limit: limit, ticket: ticket), in: writer, for: round % 7 == 0 ? .batch : .client)
    }
    try Self.expect(HandshakeEntries().view(limit: nil, ticket: nil), in: writer, for: .client)
  }

  @Test("a workload is written as everywhere else, with four decimals")
  func workloads() throws {
    for maximum in [1, 3, 7, 60, 1_000, 65_535] {
      for connected in [0, 1, 2, 3, 5, 29, 30, 59, 60, 61, 999, 12_345, 65_535] {
        let writer = try HandshakeWriter(cluster: "PROD", balancer: InstanceID("LB1"))
        var list = HandshakeEntries()
        let load = Load(connected: connected, maximum: maximum)
        let entry = HandshakeEntry(
          id: try InstanceID("AOS1"), address: try Address(host: "10.0.0.1", port: 2712),
          load: load)
        list.set(entry.id, to: (HandshakeRank(id: entry.id, load: load), entry))
        let bytes = writer.answer(
          list.view(limit: nil, ticket: nil), for: .client, sequence: 1,
          at: Timestamp(milliseconds: 0))
        let workload = try #require(load.workload).roundedToFourDecimals
        #expect(String(buffer: bytes).contains("\"workload\":\(workload)}"))
      }
    }
  }

  private static func entry(_ number: Int, connected: Int) throws -> HandshakeEntry {
    HandshakeEntry(
      id: try InstanceID("AOS\(number)"), address: try Address(host: "10.0.0.1", port: 2712),
      load: Load(connected: connected, maximum: 60), tls: number % 5 == 0)
  }

  private static func expect(
    _ list: HandshakeView, in writer: HandshakeWriter, for kind: ClientKind
  ) throws {
    let at = Timestamp(milliseconds: .random(in: 0..<4_000))
    let bytes = writer.answer(list, for: kind, sequence: 7, at: at)
    let answer: HandshakeAnswer = try WireJSON.decode(from: bytes.readableBytesView)
    #expect(answer.issuedAt == at)
    #expect(answer.ticket == list.ticket)
    #expect(answer.more == list.isCut)
    #expect(answer.servers.map(\.id) == list.entries.map(\.id))
    #expect(answer.servers.map(\.load) == list.entries.map(\.load))
    #expect(answer.servers.map(\.tls) == list.entries.map(\.tls))
  }
}
