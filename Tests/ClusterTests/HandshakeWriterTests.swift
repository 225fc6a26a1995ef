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
    var generator = SystemRandomNumberGenerator()
    var entries = try (1...12).map { try Self.entry($0, connected: 0) }
    for round in 0..<2_000 {
      switch Int.random(in: 0..<6, using: &generator) {
      case 0 where !entries.isEmpty: entries.removeLast()
      case 1 where !entries.isEmpty: entries.removeFirst()
      case 2:
        let new = try Self.entry(100 + round, connected: round)
        entries.insert(new, at: Int.random(in: 0...entries.count, using: &generator))
      case 3: entries.shuffle(using: &generator)
      case 4 where !entries.isEmpty:
        // What a handshake does: the first has one more, and goes down the list.
        var first = entries.removeFirst()
        first.load.reserved += 1
        entries.insert(first, at: Int.random(in: 0...entries.count, using: &generator))
      default: break
      }
      let kind = round % 7 == 0 ? ClientKind.batch : .client
      try Self.expect(HandshakeList(entries: entries), in: writer, for: kind)
      let some = Array(entries.prefix(Int.random(in: 1...4, using: &generator)))
      try Self.expect(
        HandshakeList(entries: some, ticket: "t", isCut: some.count < entries.count), in: writer,
        for: kind)
    }
    try Self.expect(HandshakeList(), in: writer, for: .client)
  }

  private static func entry(_ number: Int, connected: Int) throws -> HandshakeEntry {
    HandshakeEntry(
      id: try InstanceID("AOS\(number)"), address: try Address(host: "10.0.0.1", port: 2712),
      load: Load(connected: connected, maximum: 60), tls: number % 5 == 0)
  }

  private static func expect(
    _ list: HandshakeList, in writer: HandshakeWriter, for kind: ClientKind
  ) throws {
    let bytes = writer.answer(
      list, for: kind, sequence: 7, at: Timestamp(milliseconds: 0))
    let answer: HandshakeAnswer = try WireJSON.decode(from: bytes.readableBytesView)
    let entries = list.entries
    #expect(answer.ticket == list.ticket)
    #expect(answer.more == list.isCut)
    #expect(answer.servers.map(\.id) == entries.map(\.id))
    #expect(answer.servers.map(\.load) == entries.map(\.load))
    #expect(answer.servers.map(\.tls) == entries.map(\.tls))
  }
}
