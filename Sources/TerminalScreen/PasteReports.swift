/// The requests that make a terminal mark pasted text (bracketed paste, mode 2004). Terminals
/// without this mode ignore them.
enum PasteReports {
  static let begin = Array("\u{1B}[?2004h".utf8)
  static let end = Array("\u{1B}[?2004l".utf8)
  /// The marks that the terminal sends before and after a paste.
  static let marks = ["\u{1B}[200~", "\u{1B}[201~"]
}

/// A paste that has begun and whose end has not come.
struct PasteBuffer: Equatable, Sendable {
  /// The longest paste that is kept, in scalars. No field of aostop takes more than 500 characters.
  static let longest = 4_096
  /// A paste ends when nothing has come for this many milliseconds: its end mark was lost.
  static let patienceMilliseconds: Int64 = 5_000
  /// After such a silence Ctrl-C is a key again. It changes no cluster.
  static let pauseMilliseconds: Int64 = 1_000

  private static let mark = PasteReports.marks[1].unicodeScalars.map(\.value)

  private var scalars: [Unicode.Scalar] = []
  /// How much of the end mark has come.
  private var matched = 0
  private var heardAt: Int64

  /// - Parameter now: Monotonic milliseconds.
  init(at now: Int64) { heardAt = now }

  /// The text, with its control characters and line breaks.
  var text: String { String(String.UnicodeScalarView(scalars)) }

  func isAbandoned(at now: Int64) -> Bool { now - heardAt > Self.patienceMilliseconds }

  func pauses(at now: Int64) -> Bool { now - heardAt > Self.pauseMilliseconds }

  /// Takes the next input.
  ///
  /// - Returns: Whether it was the end of the paste.
  mutating func consume(_ input: CursesInput, at now: Int64) -> Bool {
    heardAt = now
    // A key that curses recognised in the text is not text.
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
