/// How a terminal is asked to mark what is pasted (bracketed paste, mode 2004). Terminals without
/// this mode ignore the request.
enum PasteReports {
  static let begin = Array("\u{1B}[?2004h".utf8)
  static let end = Array("\u{1B}[?2004l".utf8)
  /// What the terminal sends before and after a paste.
  static let marks = ["\u{1B}[200~", "\u{1B}[201~"]
}

/// A paste that has begun, until the terminal marks its end.
struct PasteBuffer: Equatable, Sendable {
  /// Longest paste that is kept, in scalars. No field of aostop holds more than 500 characters.
  static let longest = 4_096
  /// A paste is over when nothing has come for this many milliseconds: its end was lost.
  static let patienceMilliseconds: Int64 = 5_000
  /// After such a silence Ctrl-C is the key again, which changes no cluster.
  static let pauseMilliseconds: Int64 = 1_000

  private static let mark = PasteReports.marks[1].unicodeScalars.map(\.value)

  private var scalars: [Unicode.Scalar] = []
  /// How much of the mark at the end has come.
  private var matched = 0
  private var heardAt: Int64

  /// - Parameter now: Monotonic milliseconds.
  init(at now: Int64) { heardAt = now }

  /// Control characters and line breaks are in it as they came.
  var text: String { String(String.UnicodeScalarView(scalars)) }

  func isAbandoned(at now: Int64) -> Bool { now - heardAt > Self.patienceMilliseconds }

  func pauses(at now: Int64) -> Bool { now - heardAt > Self.pauseMilliseconds }

  /// Takes what came next.
  ///
  /// - Returns: This was the end of the paste.
  mutating func consume(_ input: CursesInput, at now: Int64) -> Bool {
    heardAt = now
    // A key that curses recognized in the text is not text.
    guard case .scalar(let value) = input else { return false }
    if value == Self.mark[matched] {
      matched += 1
      return matched == Self.mark.count
    }
    for scalar in Self.mark.prefix(matched) { append(scalar) }
    matched = value == Self.mark[0] ? 1 : 0
    if matched == 0 { append(value) }
    return false
  }

  private mutating func append(_ value: UInt32) {
    guard scalars.count < Self.longest, let scalar = Unicode.Scalar(value) else { return }
    scalars.append(scalar)
  }
}
