internal import ClusterAPI
internal import ClusterModel
internal import Dashboard

/// One line of a recording: `{"at":"2026-03-01T10:42:07.000Z","snapshot":{…}}`.
///
/// The first line is a header; another header follows where recording began again. `at` is the
/// balancer's clock and comes first, so that a file can be scanned without reading all of it.
/// Unknown kinds are skipped, since a later version may have more.
enum RecordingLine: Equatable, Sendable {
  case header(RecordingHeader)
  case snapshot(ClusterSnapshot)
  case change(ClusterChange)
  case action(ActionRecord)
  case event(ClusterEvent)
  /// The loads that the balancer kept of the time before, for the trends.
  case history(BalancerHistory)
  /// The feed was lost: the state is unknown until the next line.
  case lost
  /// A kind of a later version.
  case other(String)

  /// The header of a recording.
  struct RecordingHeader: Codable, Equatable, Sendable {
    /// The version of the format.
    var format: Int
    var cluster: String
    var balancer: String
    /// The version of the program that wrote it.
    var program: String

    static let currentFormat = 1
  }

  /// The part of a line that can be read without reading all of it.
  struct Label: Equatable {
    var at: Timestamp
    var kind: String
    /// Where the value begins.
    fileprivate var start: Int
  }

  private static let opening = Array(#"{"at":""#.utf8)
  private static let timeBytes = 24
  private static let longestKind = 32

  /// Nil for a line that is not part of a recording.
  static func label(of line: ArraySlice<UInt8>) -> Label? {
    let timeStart = line.startIndex + opening.count
    let timeEnd = timeStart + timeBytes
    guard line.starts(with: opening), line.count > opening.count + timeBytes + 6,
      let at = Timestamp(String(decoding: line[timeStart..<timeEnd], as: UTF8.self)),
      line[timeEnd...].starts(with: #"",""#.utf8)
    else { return nil }
    let kindStart = timeEnd + 3
    guard let kindEnd = line[kindStart...].prefix(longestKind).firstIndex(of: UInt8(ascii: "\"")),
      line[(kindEnd + 1)...].first == UInt8(ascii: ":")
    else { return nil }
    let kind = String(decoding: line[kindStart..<kindEnd], as: UTF8.self)
    return Label(at: at, kind: kind, start: kindEnd + 2)
  }

  /// Reads a line without its end.
  ///
  /// - Throws: `InvalidValue` with the reason.
  static func read(_ line: ArraySlice<UInt8>) throws(InvalidValue) -> (Timestamp, RecordingLine) {
    guard let label = label(of: line), line.last == UInt8(ascii: "}") else {
      throw InvalidValue(field: "line", complaint: "is not part of a recording, or is cut off")
    }
    let value = line[label.start...].dropLast()
    switch label.kind {
    case headerKind: return (label.at, .header(try WireJSON.decode(from: value)))
    case "snapshot": return (label.at, .snapshot(try WireJSON.decode(from: value)))
    case "change": return (label.at, .change(try WireJSON.decode(from: value)))
    case "action": return (label.at, .action(try WireJSON.decode(from: value)))
    case "event": return (label.at, .event(try WireJSON.decode(from: value)))
    case "history":
      let history: LoadHistory = try WireJSON.decode(from: value)
      return (label.at, .history(BalancerHistory(history)))
    case "lost":
      let _: NothingMore = try WireJSON.decode(from: value)
      return (label.at, .lost)
    default: return (label.at, .other(PlainText.cleaned(label.kind)))
    }
  }

  /// The line with its end; nil for a value that cannot be encoded.
  func encoded(at: Timestamp) -> [UInt8]? {
    let value: [UInt8]?
    switch self {
    case .header(let header): value = try? WireJSON.encode(header)
    case .snapshot(let snapshot): value = try? WireJSON.encode(snapshot)
    case .change(let change): value = try? WireJSON.encode(change)
    case .action(let action): value = try? WireJSON.encode(action)
    case .event(let event): value = try? WireJSON.encode(event)
    case .history(let history): value = try? WireJSON.encode(history.body)
    case .lost: value = try? WireJSON.encode(NothingMore())
    case .other: value = nil
    }
    return value.map { Self.line(at: at, kind: kind, $0) }
  }

  /// The line with its end, for a value that is JSON already.
  ///
  /// - Parameter text: Text of a balancer. A line end in it can only be between two tokens.
  func line(at: Timestamp, of text: String) -> [UInt8] {
    var value = Array(text.utf8)
    for place in value.indices where value[place] == 10 || value[place] == 13 {
      value[place] = UInt8(ascii: " ")
    }
    return Self.line(at: at, kind: kind, value)
  }

  private static func line(at: Timestamp, kind: String, _ value: [UInt8]) -> [UInt8] {
    opening + Array(at.description.utf8) + Array("\",\"\(kind)\":".utf8) + value
      + [UInt8(ascii: "}"), UInt8(ascii: "\n")]
  }

  /// An object that a later release may give fields.
  private struct NothingMore: Codable {}

  /// The kind of a header.
  static let headerKind = "recording"

  static func isKnown(kind: String) -> Bool {
    [headerKind, "snapshot", "change", "action", "event", "history", "lost"].contains(kind)
  }

  /// Whether a line says what has changed since the last whole picture.
  static func isBetweenPictures(kind: String) -> Bool {
    ["change", "action", "event"].contains(kind)
  }

  /// Whether a header says that the following lines are in the format of this release.
  static func hasKnownFormat(_ line: ArraySlice<UInt8>) -> Bool {
    guard case .header(let header)? = try? read(line).1 else { return false }
    return header.format == RecordingHeader.currentFormat
  }

  private var kind: String {
    switch self {
    case .header: Self.headerKind
    case .snapshot: "snapshot"
    case .change: "change"
    case .action: "action"
    case .event: "event"
    case .history: "history"
    case .lost: "lost"
    case .other(let kind): kind
    }
  }
}
