extension Glyph {
  /// One ASCII character in place of another one.
  static func asciiStandIn(for scalars: GlyphScalars) -> Unicode.Scalar {
    if scalars.isEmpty { return " " }
    guard let value = scalars.alone else { return "?" }
    return standIns[value] ?? asciiDots(value) ?? "?"
  }

  /// The characters that the screens draw, with an ASCII character of the same meaning.
  private static let standIns: [UInt32: Unicode.Scalar] = {
    let groups: [(from: String, to: Unicode.Scalar)] = [
      ("─━═╌┄", "-"), ("│┃║", "|"), ("┌┐└┘├┤┬┴┼╭╮╰╯", "+"), ("█▉▊▋▌▓■", "#"),
      ("▍▎▒", "="), ("▏", "_"),
      ("░·•", "."), ("▁", "_"), ("▂▃", "."), ("▄▅", ":"), ("▆▇", "|"), ("…", "~"), ("—–−", "-"),
      ("▲↑", "^"), ("▼↓", "v"), ("→▶►▸›", ">"), ("←◀◄◂‹", "<"), ("●✓", "*"), ("○", "o"),
      ("×✗✖", "x"), ("÷", "/"), ("’‘", "'"), ("“”", "\""), ("\u{A0}", " "),
    ]
    var table: [UInt32: Unicode.Scalar] = [:]
    for group in groups {
      for scalar in group.from.unicodeScalars { table[scalar.value] = group.to }
    }
    return table
  }()
}
