/// What the name in TERM says about a terminal.
struct TerminalType: Equatable, Sendable {
  let name: String

  /// Terminal descriptions (terminfo entries) for terminals with their own names, by the beginning
  /// of the name. A machine that is reached over ssh often does not know these names.
  private static let families: [(beginnings: [String], entries: [String])] = [
    (
      [
        "xterm", "alacritty", "contour", "foot", "ghostty", "gnome", "iterm", "kitty", "konsole",
        "mintty", "rio", "st-", "vte", "wezterm",
      ], ["xterm-256color"]
    ),
    (["tmux", "screen"], ["screen-256color", "screen"]),
    (["rxvt"], ["rxvt"]),
    (["linux"], ["linux"]),
    (["vt"], ["vt220"]),
  ]

  /// Names of terminals that can only show text.
  private static let texts: Set = ["dumb", "unknown", "network", "dialup"]

  /// Whether it is not a screen, whatever is known about it.
  var isText: Bool { Self.texts.contains(name) || name.hasPrefix("dumb-") }

  /// The possible descriptions, the best one first.
  var entries: [String] {
    let family = Self.families.first { $0.beginnings.contains(where: name.hasPrefix) }
    var entries = [name]
    for entry in (family?.entries ?? []) + ["xterm", "vt100"] where !entries.contains(entry) {
      entries.append(entry)
    }
    return entries
  }

  /// Whether faint text is readable. The Linux console shows it as dark grey on black.
  var hasReadableDim: Bool {
    // `screen.linux` is GNU screen on the terminal whose name follows the dot.
    let outermost = name.split(separator: ".").last ?? ""
    return outermost != "linux" && !outermost.hasPrefix("linux-")
  }
}
