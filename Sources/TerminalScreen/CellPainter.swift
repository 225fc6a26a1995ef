internal import CNcurses
internal import CellGrid

/// Writes rows of cells into the window of curses.
struct CellPainter {
  private var pairs: ColorPairs
  private var row: [cchar_t] = []
  /// The characters of one cell and a zero. The array is reused.
  private var characters: [wchar_t] = []
  private let usesDim: Bool

  /// - Parameters:
  ///   - usesColor: Whether to use colours if the terminal has any.
  ///   - usesDim: False: faint text looks like the rest.
  init(usesColor: Bool, usesDim: Bool) {
    pairs = ColorPairs(usesColor: usesColor)
    self.usesDim = usesDim
  }

  /// Writes cells of a row in their place.
  ///
  /// - Parameter columns: The columns to write; nil: all.
  mutating func paint(_ cells: ArraySlice<Cell>, _ columns: Range<Int>? = nil, row place: Int) {
    let first = columns?.lowerBound ?? 0
    let cells = columns.map { cells.dropFirst(first).prefix($0.count) } ?? cells
    row.removeAll(keepingCapacity: true)
    var last: (style: Style, attributes: attr_t, pair: Int16, blank: cchar_t)?
    var index = cells.startIndex
    while index < cells.endIndex {
      let cell = cells[index]
      let isWide = index + 1 < cells.endIndex && cells[index + 1].isContinuation
      index += isWide ? 2 : 1
      if last?.style != cell.style {
        let style = pairs.isColored ? cell.style : cell.style.withoutColor
        let (attributes, pair) = (attributes(of: style), pairs.pair(for: style))
        last = (cell.style, attributes, pair, Self.blank(attributes, pair))
      }
      if let character = cell.scalars.plainASCII, !isWide, var plain = last?.blank {
        // Every C library counts one column for it.
        plain.chars.0 = wchar_t(character)
        row.append(plain)
        continue
      }
      append(cell.scalars, width: isWide ? 2 : 1, last?.attributes ?? 0, last?.pair ?? 0)
    }
    _ = cncurses_put(Int32(place), Int32(first), row, Int32(row.count))
  }

  private static func blank(_ attributes: attr_t, _ pair: Int16) -> cchar_t {
    var cell = cchar_t()
    setcchar(&cell, [wchar_t(UInt8(ascii: " ")), 0], attributes, pair, nil)
    return cell
  }

  /// Appends one character. If the C library counts its columns differently, as for everything but
  /// ASCII outside of UTF-8, a question mark keeps the columns in place.
  private mutating func append(
    _ scalars: GlyphScalars, width: Int, _ attributes: attr_t, _ pair: Int16
  ) {
    characters.removeAll(keepingCapacity: true)
    let most = Int(cncurses_longest_cell())
    // The scalars of a glyph are not a sequence, which would be slower.
    // swift-format-ignore: ReplaceForEachWithForLoop
    scalars.forEach { if characters.count < most { characters.append(wchar_t($0)) } }
    let isAgreed =
      characters.first.map { Int(cncurses_width($0)) } == width
      && characters.dropFirst().allSatisfy { cncurses_width($0) == 0 }
    if !isAgreed { characters = [wchar_t(UInt8(ascii: "?"))] }
    characters.append(0)
    var cell = cchar_t()
    setcchar(&cell, characters, attributes, pair, nil)
    row.append(cell)
    if !isAgreed, width == 2 { append(Cell.blank.scalars, width: 1, attributes, pair) }
  }

  private func attributes(of style: Style) -> attr_t {
    var attributes: attr_t = 0
    if style.isBold { attributes |= cncurses_bold() }
    if style.isDim, usesDim { attributes |= cncurses_dim() }
    if style.isReverse { attributes |= cncurses_reverse() }
    if style.isUnderlined { attributes |= cncurses_underline() }
    return attributes
  }
}
