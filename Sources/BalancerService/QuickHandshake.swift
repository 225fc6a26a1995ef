internal import Balancing
internal import ClusterModel
internal import NIOCore
internal import ServiceSupport

/// Answers plain handshakes on the event loop of their connection. Anything unusual is left to the
/// route in `BalancerRoutes`, for example a balancer that does not know its instances yet, or a
/// list without servers.
struct QuickHandshake: Sendable {
  let core: BalancerCore
  let writer: HandshakeWriter
  let tickets: Tickets
  let readiness: Readiness

  var route: QuickRoute {
    QuickRoute(path: "/v1/handshake", longestBody: Limits.handshakeBytes) { body, peer in
      answer(body, to: peer.network)
    }
  }

  private func answer(_ body: ByteBuffer, to network: NetworkKey) -> ByteBuffer? {
    guard readiness.isReady, let request = body.withUnsafeReadableBytes({ PlainHandshake($0) })
    else { return nil }
    let wish = ReservationWish(ticket: tickets.next(), network: network)
    return core.handshake(
      request.kind, wish, limit: request.limit, countsWhenEmpty: false, writer)
  }
}

/// The parts of a handshake's body that a balancer needs, if the body is as most clients write it:
/// an object with each known field at most once, texts of printable ASCII without escapes, and a
/// kind that balancers serve. The names of user and computer are for instances; here they only must
/// be valid names.
struct PlainHandshake: Equatable {
  private(set) var kind = ClientKind.client
  private(set) var limit: Int?

  private struct Fields: OptionSet {
    let rawValue: UInt8
    static let kind = Fields(rawValue: 1)
    static let user = Fields(rawValue: 2)
    static let computer = Fields(rawValue: 4)
    static let limit = Fields(rawValue: 8)
  }

  /// Nil for any other body, right or wrong. An empty body means a client.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    var reader = PlainReader(bytes)
    guard reader.takes("{") else { return nil }
    if !reader.takes("}") {
      var seen: Fields = []
      repeat {
        guard let name = reader.text(), reader.takes(":"), let field = read(name, &reader),
          seen.insert(field).inserted
        else { return nil }
      } while reader.takes(",")
      guard reader.takes("}") else { return nil }
    }
    guard reader.isAtEnd else { return nil }
  }

  /// Reads one value; nil: it is not of a form that is read here.
  private mutating func read(
    _ name: UnsafeRawBufferPointer, _ reader: inout PlainReader
  ) -> Fields? {
    if name.elementsEqual("limit".utf8) {
      guard let number = reader.number(upTo: Limits.members), number > 0 else { return nil }
      limit = number
      return .limit
    }
    guard let value = reader.text() else { return nil }
    if name.elementsEqual("kind".utf8) {
      guard value.elementsEqual("client".utf8) || value.elementsEqual("batch".utf8) else {
        return nil
      }
      kind = value.count == 5 ? .batch : .client
      return .kind
    }
    let blank = UInt8(ascii: " ")
    guard (1...Limits.nameCharacters).contains(value.count), value.first != blank,
      value.last != blank
    else { return nil }
    if name.elementsEqual("user".utf8) { return .user }
    return name.elementsEqual("computer".utf8) ? .computer : nil
  }
}

/// Reads plain JSON from left to right.
private struct PlainReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether only white space is left.
  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return place == bytes.count
    }
  }

  mutating func takes(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// The text between two quotation marks; nil where it is not plain.
  mutating func text() -> UnsafeRawBufferPointer? {
    guard takes("\"") else { return nil }
    let start = place
    while place < bytes.count, (0x20...0x7E).contains(bytes[place]) {
      let byte = bytes[place]
      guard byte != UInt8(ascii: "\\") else { return nil }
      place += 1
      if byte == UInt8(ascii: "\"") {
        return UnsafeRawBufferPointer(rebasing: bytes[start..<place - 1])
      }
    }
    return nil
  }

  /// Digits without a leading 0.
  mutating func number(upTo most: Int) -> Int? {
    skipSpace()
    var number = 0
    while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) {
      number = number * 10 + Int(bytes[place] - UInt8(ascii: "0"))
      guard number > 0, number <= most else { return nil }
      place += 1
    }
    return number > 0 ? number : nil
  }

  private mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x0A, 0x0D, 0x09: place += 1
      default: return
      }
    }
  }
}
