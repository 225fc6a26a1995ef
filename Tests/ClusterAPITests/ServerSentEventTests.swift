import Testing

import ClusterModel

@testable import ClusterAPI

@Suite struct ServerSentEventTests {
  private typealias Item = ServerSentEventParser.Item

  private static let stream = """
    : hello\r\nid: e-1\revent: snapshot\ndata: {"a":"ü🚧"}\n\n:\n\n\
    data:first\r\ndata:  second\ndata\n\r\nretry: 10\nid\nevent: load\ndata: 1\r\r\
    event: nothing\n\n\u{FEFF}data: x\n\ndata: last\n\n
    """

  private static let items: [Item] = [
    .heartbeat,
    .event(ServerSentEvent(id: "e-1", name: "snapshot", data: #"{"a":"ü🚧"}"#)),
    .heartbeat,
    .event(ServerSentEvent(name: "message", data: "first\n second\n")),
    .event(ServerSentEvent(id: "", name: "load", data: "1")),
    .event(ServerSentEvent(name: "message", data: "last")),
  ]

  private func parse(_ chunks: [ArraySlice<UInt8>]) throws -> [Item] {
    var parser = ServerSentEventParser()
    return try chunks.flatMap { try parser.consume($0) }
  }

  @Test("a stream is cut into its events, whatever ends its lines")
  func whole() throws {
    #expect(try parse([Array(Self.stream.utf8)[...]]) == Self.items)
  }

  @Test("the same events come out wherever the bytes are split")
  func splits() throws {
    let bytes = Array(Self.stream.utf8)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        #expect(
          try parse([bytes[..<first], bytes[first..<second], bytes[second...]]) == Self.items)
      }
    }
  }

  @Test("… and in chunks of any size", arguments: 0..<50)
  func chunks(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var rest = Array(Self.stream.utf8)[...]
    var chunks: [ArraySlice<UInt8>] = []
    while !rest.isEmpty {
      let size = min(rest.count, Int.random(in: 0...9, using: &random))
      chunks.append(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    #expect(try parse(chunks) == Self.items)
  }

  @Test("what is written is read")
  func roundTrip() throws {
    let events = [
      ServerSentEvent(id: "0a-1", name: "change", data: #"{"sequence":1}"#),
      ServerSentEvent(name: "goodbye", data: ""), ServerSentEvent(name: "x", data: ": data: id:"),
    ]
    let bytes = events.flatMap { $0.bytes + ServerSentEvent.heartbeat }
    #expect(try parse([bytes[...]]) == events.flatMap { [.event($0), .heartbeat] })
    #expect(
      String(decoding: events[0].bytes, as: UTF8.self)
        == "id: 0a-1\nevent: change\ndata: {\"sequence\":1}\n\n")
  }

  @Test(
    "an event over the limit ends the reading, by one line or by many",
    arguments: [
      "data: " + String(repeating: "x", count: 200),
      String(repeating: "x", count: 101),
      String(repeating: "data: xxxxxxxxx\n", count: 20),
      String(repeating: "data\n", count: 200),
    ])
  func tooLong(text: String) {
    var parser = ServerSentEventParser(limit: 100)
    let fault = #expect(throws: ServerSentEventParser.Malformed.self) {
      try parser.consume(text.utf8)
    }
    #expect(fault?.description == "an event is longer than 100 bytes")
  }

  @Test("many small events are not one long event")
  func manySmall() throws {
    var parser = ServerSentEventParser(limit: 100)
    for _ in 0..<1_000 {
      #expect(try parser.consume("data: 0123456789\n\n: x\n".utf8).count == 2)
    }
  }

  @Test("bytes that are not UTF-8 end the reading")
  func notText() {
    var parser = ServerSentEventParser()
    #expect(throws: ServerSentEventParser.Malformed(description: "an event is not UTF-8")) {
      try parser.consume(Array("data: ".utf8) + [0xFF, 10, 10])
    }
  }

  @Test("garbage gives no event above the limit, and its end is reported", arguments: 0..<200)
  func garbage(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var parser = ServerSentEventParser(limit: 100)
    let pieces =
      ["data: ", "data", "event: x", "id: 1", ": ", "ü", "\n", "\n\n", "\r", "\0", "\u{FEFF}"]
      .map { Array($0.utf8) } + [[0xC3]]
    do throws(ServerSentEventParser.Malformed) {
      for _ in 0..<500 {
        let chunk = (0..<4).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
        for case .event(let event) in try parser.consume(chunk) {
          #expect(event.data.utf8.count <= 100)
        }
      }
      _ = try parser.consume([UInt8](repeating: 0x78, count: 101))
      Issue.record("a line of 101 bytes is taken")
    } catch {
      #expect(
        ["an event is longer than 100 bytes", "an event is not UTF-8"]
          .contains(error.description))
    }
  }

  @Test(
    "a feed position is an epoch and a sequence",
    arguments: [
      ("e-0", FeedPosition(epoch: "e", sequence: 0)),
      ("a-b-12", FeedPosition(epoch: "a-b", sequence: 12)),
      ("", nil), ("-", nil), ("-1", nil), ("e", nil), ("e-", nil), ("e-x", nil), ("e- 1", nil),
      ("e-99999999999999999999", nil),
    ] as [(String, FeedPosition?)])
  func positions(text: String, position: FeedPosition?) {
    #expect(FeedPosition(text) == position)
    if let position { #expect(position.description == text) }
  }
}
