/// What the name in TERM says of a terminal.
struct TerminalType: Equatable, Sendable {
  let name: String

  /// Descriptions (terminfo entries) for terminals that bring a name of their own, which a machine
  /// that is reached over ssh often does not know. By how the name begins.
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

  /// Names that say that nothing but text can be shown.
  private static let texts: Set = ["dumb", "unknown", "network", "dialup"]

  /// It is not a screen, whatever is known of it.
  var isText: Bool { Self.texts.contains(name) || name.hasPrefix("dumb-") }

  /// The descriptions that come into question, the best one first.
  var entries: [String] {
    let family = Self.families.first { $0.beginnings.contains(where: name.hasPrefix) }
    var entries = [name]
    for entry in (family?.entries ?? []) + ["xterm", "vt100"] where !entries.contains(entry) {
      entries.append(entry)
    }
    return entries
  }

  /// Faint text can be read. The Linux console shows it as dark grey on black.
  var hasReadableDim: Bool {
    // `screen.linux` is GNU screen on the terminal that is named behind the dot.
    let outermost = name.split(separator: ".").last ?? ""
    return outermost != "linux" && !outermost.hasPrefix("linux-")
  }
}
