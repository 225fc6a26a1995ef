/// Mode 2026, in which a terminal shows a picture only when it is complete.
///
/// Terminals are recognised by name and never asked, since a late answer would appear in the shell.
/// If tmux or screen is in between, nothing is sent: they keep pictures together themselves, and
/// forward this mode badly.
enum SynchronizedOutput {
  static let begin = Array("\u{1B}[?2026h".utf8)
  static let end = Array("\u{1B}[?2026l".utf8)

  static let variables = ["TERM", "TERM_PROGRAM", "TMUX", "STY"]

  /// Beginnings of TERM for terminals with their own name.
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
