/// Mode 2026 of terminals that show a picture only when all of it has come.
///
/// Terminals are known by name and never asked: an answer that comes late would land in the
/// shell. Where tmux or screen lies between, nothing is sent; they hold pictures together
/// themselves, and pass the mode on badly.
enum SynchronizedOutput {
  static let begin = Array("\u{1B}[?2026h".utf8)
  static let end = Array("\u{1B}[?2026l".utf8)

  static let variables = ["TERM", "TERM_PROGRAM", "TMUX", "STY"]

  /// As TERM begins, where a terminal brings a name of its own.
  private static let terminals = [
    "alacritty", "contour", "foot", "mintty", "rio", "wezterm", "xterm-ghostty", "xterm-kitty",
  ]
  private static let programs: Set = [
    "WezTerm", "contour", "ghostty", "iTerm.app", "mintty", "rio",
  ]

  /// - Parameter environment: The values of `variables`.
  static func isKnown(to environment: [String: String]) -> Bool {
    guard environment["TMUX"] ?? "" == "", environment["STY"] ?? "" == "" else { return false }
    let name = environment["TERM"] ?? ""
    if name.hasPrefix("tmux") || name.hasPrefix("screen") { return false }
    if terminals.contains(where: name.hasPrefix) { return true }
    // A program passes its name on only to a terminal of its own kind.
    return name.hasPrefix("xterm") && programs.contains(environment["TERM_PROGRAM"] ?? "")
  }
}
