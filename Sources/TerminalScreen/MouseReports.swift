/// The requests that make a terminal report its mouse: presses and the wheel, with their places as
/// numbers.
enum MouseReports {
  static let begin = Array("\u{1B}[?1000;1006h".utf8)
  static let end = Array("\u{1B}[?1006;1000l".utf8)
  /// The beginnings of the reports.
  static let starts = ["\u{1B}[<", "\u{1B}[M"]
}
