public import ClusterModel

/// One event of a `text/event-stream` (WHATWG HTML, section 9.2).
public struct ServerSentEvent: Equatable, Sendable {
  /// The position that a reader sends as `Last-Event-ID` to continue after this event.
  public var id: String?
  /// The kind of the event.
  public var name: String
  /// The data. It contains no line end, since the project sends JSON on one line.
  public var data: String

  public init(id: String? = nil, name: String, data: String) {
    self.id = id
    self.name = name
    self.data = data
  }

  /// The media type of a stream of events.
  public static let contentType = "text/event-stream"

  /// The bytes on the wire, including the blank line at the end.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(data.utf8.count + name.utf8.count + 48)
    if let id {
      bytes += "id: ".utf8
      bytes += id.utf8
      bytes.append(10)
    }
    bytes += "event: ".utf8
    bytes += name.utf8
    bytes += "\ndata: ".utf8
    bytes += data.utf8
    bytes += "\n\n".utf8
    return bytes
  }

  /// A comment that only keeps the connection alive.
  public static let heartbeat: [UInt8] = Array(": \n\n".utf8)
}

/// Divides a stream of bytes into events, whatever the pieces in which it arrives.
///
/// LF, CR and CRLF are line ends. A comment, even an empty one, is reported as a heartbeat, so that
/// a reader can tell a quiet peer from a dead one.
public struct ServerSentEventParser: Sendable {
  /// The contents of a stream: events, and comments that keep it alive.
  public enum Item: Equatable, Sendable {
    case event(ServerSentEvent)
    case heartbeat
  }

  /// The stream broke a rule or a limit and cannot be read further.
  public struct Malformed: PlainError, Equatable, Sendable {
    /// What is wrong with the stream, for a log line.
    public var description: String
  }

  private let limit: Int
  private var line: [UInt8] = []
  private var sawReturn = false
  private var id: String?
  private var name: String?
  private var data: [UInt8]?

  /// The most bytes of one event: a snapshot of 10,000 instances is about 8 MiB.
  public static let longestEvent = 64 << 20

  /// - Parameter limit: The most bytes of one event.
  public init(limit: Int = longestEvent) {
    self.limit = limit
  }

  /// Takes the next bytes and returns the events that they complete.
  ///
  /// - Throws: `Malformed` when an event exceeds the limit or is not UTF-8.
  public mutating func consume(
    _ bytes: some Sequence<UInt8>
  ) throws(Malformed) -> [Item] {
    var items: [Item] = []
    // As an array they are read without a call for each byte.
    for byte in Array(bytes) {
      if sawReturn, byte == 10 {
        sawReturn = false
        continue
      }
      sawReturn = byte == 13
      if byte == 10 || byte == 13 {
        if let item = try endLine() { items.append(item) }
      } else {
        guard line.count + (data?.count ?? 0) < limit else {
          throw Malformed(description: "an event is longer than \(limit) bytes")
        }
        line.append(byte)
      }
    }
    return items
  }

  private mutating func endLine() throws(Malformed) -> Item? {
    defer { line.removeAll(keepingCapacity: true) }
    guard !line.isEmpty else { return try endEvent() }
    guard line[0] != UInt8(ascii: ":") else { return .heartbeat }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[min(colon + 1, line.endIndex)...]
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    switch String(decoding: line[..<colon], as: UTF8.self) {
    case "event": name = String(decoding: value, as: UTF8.self)
    case "id": id = String(decoding: value, as: UTF8.self)
    case "data":
      if data == nil { data = Array(value) } else { data! += [10] + value }
    default: break  // unknown fields are ignored, as the standard says
    }
    return nil
  }

  private mutating func endEvent() throws(Malformed) -> Item? {
    defer { (id, name, data) = (nil, nil, nil) }
    guard let data else { return nil }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Malformed(description: "an event is not UTF-8")
    }
    return .event(ServerSentEvent(id: id, name: name ?? "message", data: text))
  }
}

/// The `id:` of an event of the status feed: `<epoch>-<sequence>`.
public struct FeedPosition: Hashable, Sendable, CustomStringConvertible {
  /// The random name of one balancer process.
  public var epoch: String
  /// The number of the event in its epoch, from 1.
  public var sequence: Int64

  public init(epoch: String, sequence: Int64) {
    self.epoch = epoch
    self.sequence = sequence
  }

  /// Nil for a text that no balancer wrote.
  public init?(_ text: String) {
    guard let dash = text.lastIndex(of: "-"), dash != text.startIndex,
      let sequence = Int64(text[text.index(after: dash)...]), sequence >= 0
    else { return nil }
    epoch = String(text[..<dash])
    self.sequence = sequence
  }

  /// The text of the id on the wire.
  public var description: String { "\(epoch)-\(sequence)" }
}
