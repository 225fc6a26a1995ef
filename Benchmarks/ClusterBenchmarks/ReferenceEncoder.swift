/// What a plain, careful program would write for a change of the screen: for each run of changed
/// cells one move of the cursor, the new attributes where they differ, and the cells.
struct ReferenceEncoder {
  private var shown: TerminalPicture
  private var pen: TerminalPicture.Pen

  init(_ picture: TerminalPicture) {
    shown = picture
    pen = picture.pen
  }

  /// Bytes from the last picture to this one, which is then the last.
  mutating func cost(of next: TerminalPicture) -> Int {
    var bytes = 0
    for row in 0..<next.rows {
      var isInRun = false
      for column in 0..<next.columns {
        let place = row * next.columns + column
        let cell = next.cells[place]
        guard cell != shown.cells[place] else {
          isInRun = false
          continue
        }
        if !isInRun { bytes += "\u{1B}[\(row + 1);\(column + 1)H".utf8.count }
        isInRun = true
        bytes += Self.change(from: pen, to: cell.pen) + UTF8.width(cell.text)
        pen = cell.pen
      }
    }
    shown = next
    return bytes
  }

  /// Bytes of the shortest attribute sequence: what was added, or everything after a reset.
  private static func change(
    from old: TerminalPicture.Pen, to new: TerminalPicture.Pen
  ) -> Int {
    guard old != new else { return 0 }
    var codes: [String] = []
    let isLess =
      old.attributes & ~new.attributes != 0
      || (new.foreground.isEmpty && !old.foreground.isEmpty)
      || (new.background.isEmpty && !old.background.isEmpty)
    let base = isLess ? TerminalPicture.Pen() : old
    if isLess { codes.append("0") }
    for bit in 1..<10 where (new.attributes & ~base.attributes) >> UInt16(bit) & 1 == 1 {
      codes.append(String(bit))
    }
    if new.foreground != base.foreground { codes.append(new.foreground) }
    if new.background != base.background { codes.append(new.background) }
    return 3 + codes.joined(separator: ";").utf8.count
  }
}
