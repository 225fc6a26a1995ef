extension Glyph {
  static let space = glyphs(of: " ")[0]

  /// One ASCII character in the place of another one.
  static func asciiStandIn(for text: String) -> String {
    if text.isEmpty { return " " }
    return standIns[text] ?? asciiDots(text) ?? "?"
  }

  /// What the screens draw, and what says the same in ASCII.
  private static let standIns: [String: String] = {
    let groups: [(from: String, to: Character)] = [
      ("─━═╌┄", "-"), ("│┃║", "|"), ("┌┐└┘├┤┬┴┼╭╮╰╯", "+"), ("█▉▊▋▌▓■", "#"),
      ("▍▎▒", "="), ("▏", "_"),
      ("░·•", "."), ("▁", "_"), ("▂▃", "."), ("▄▅", ":"), ("▆▇", "|"), ("…", "~"), ("—–−", "-"),
      ("▲↑", "^"), ("▼↓", "v"), ("→▶►▸›", ">"), ("←◀◄◂‹", "<"), ("●✓", "*"), ("○", "o"),
      ("×✗", "x"), ("÷", "/"), ("’‘", "'"), ("“”", "\""), ("\u{A0}", " "),
    ]
    var table: [String: String] = [:]
    for group in groups {
      for character in group.from { table[String(character)] = String(group.to) }
    }
    return table
  }()
}
