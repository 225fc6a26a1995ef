import ClusterAPI
import ClusterModel

@testable import ClusterClient

extension FuzzTarget {
  /// What arrives in pieces.
  static func streams() throws -> [FuzzTarget] {
    let snapshot = String(decoding: try WireJSON.encode(try fullSnapshot()), as: UTF8.self)
    let change = String(decoding: try WireJSON.encode(try fullChange()), as: UTF8.self)
    let events = [
      ServerSentEvent(id: "e1-812", name: "snapshot", data: snapshot),
      ServerSentEvent(id: "e1-813", name: "change", data: change),
      ServerSentEvent(name: "action", data: #"{"id":1}"#),
      ServerSentEvent(name: "load", data: #"{"connected":3,"tickets":[]}"#),
    ]
    let feed = events.flatMap(\.bytes) + ServerSentEvent.heartbeat
    let texts = [
      ": \n\nid: 1\r\nevent: x\r\ndata: a\r\ndata: b\r\n\r\n", "data\r\rdata:\n\n", "event: \n\n",
    ].map { Array($0.utf8) }
    return [
      FuzzTarget(name: "event stream", corpus: texts + events.suffix(2).map(\.bytes)) {
        try takeStream($0)
      },
      FuzzTarget(name: "status feed", corpus: [feed, events[1].bytes]) { try takeFeed($0) },
    ]
  }

  /// Cut anywhere, a stream says the same.
  private static func takeStream(_ bytes: [UInt8]) throws -> Bool {
    // A pure function of the input, so that a failure can be repeated.
    var random = SplitMix64(
      seed: bytes.reduce(UInt64(bytes.count)) { $0 &* 31 &+ UInt64($1) })
    let limit = random.next() & 1 == 0 ? 32 : 1 << 20
    let whole = items(bytes, limit: limit) { $0.count }
    let single = items(bytes, limit: limit) { _ in 1 }
    let pieces = items(bytes, limit: limit) { rest in
      1 + Int(random.next() % UInt64(min(rest.count, 9)))
    }
    try promise(whole.isBroken == single.isBroken, "cut, it is broken otherwise")
    try promise(single.isBroken == pieces.isBroken, "cut, it is broken otherwise")
    guard !whole.isBroken else { return false }
    try promise(whole.items == single.items && whole.items == pieces.items, "cut, it differs")
    for case .event(let event) in whole.items where !event.data.contains("\n") {
      let again = items(event.bytes, limit: 1 << 20) { $0.count }
      try promise(again.items == [.event(event)], "\(event) is read again as another")
    }
    return true
  }

  private static func items(
    _ bytes: [UInt8], limit: Int, piece: (ArraySlice<UInt8>) -> Int
  ) -> (items: [ServerSentEventParser.Item], isBroken: Bool) {
    var parser = ServerSentEventParser(limit: limit)
    var items: [ServerSentEventParser.Item] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = piece(rest)
      do { items += try parser.consume(rest.prefix(count)) } catch { return (items, true) }
      rest = rest.dropFirst(count)
    }
    return (items, false)
  }

  /// What a dashboard makes of a feed fits together, whatever it is.
  private static func takeFeed(_ bytes: [UInt8]) throws -> Bool {
    var parser = ServerSentEventParser()
    var cursor = FeedCursor()
    var picture: ClusterSnapshot?
    guard let items = try? parser.consume(bytes) else { return false }
    for case .event(let event) in items {
      let told: WatchEvent?
      do throws(ClientFailure) { told = try cursor.read(event) } catch {
        try checkWords(error.description)
        return false
      }
      switch told {
      case .snapshot(let snapshot): picture = snapshot
      case .change(let change): picture?.apply(change)
      case .action(let action): picture?.append(action)
      case .event(let event): picture?.append(event)
      default: break
      }
      guard let picture else { continue }
      let ids = picture.instances.map(\.id)
      try promise(ids == ids.sorted() && Set(ids).count == ids.count, "an instance is twice")
      try promise(
        picture.events.count <= ClusterSnapshot.eventsKept, "the picture grows with every event")
      try promise(
        picture.actions.count <= 10_000, "the picture grows with every action")
    }
    return picture != nil
  }
}
