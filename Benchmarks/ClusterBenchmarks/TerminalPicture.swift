/// What is on a terminal, worked out from the bytes that a program writes (ECMA-48, as far as
/// programs for xterm-256color use it).
struct TerminalPicture {
  /// How a cell is written.
  struct Pen: Hashable {
    /// Bit n: attribute n of SGR (1 bold, 2 dim, 4 underlined, 7 reversed).
    var attributes: UInt16 = 0
    /// As SGR names it: `31`, `38;5;208`; empty: the standard colour.
    var foreground = ""
    var background = ""
  }

  struct Cell: Hashable {
    var text: Unicode.Scalar = " "
    var pen = Pen()
  }

  let columns: Int
  let rows: Int
  private(set) var cells: [Cell]
  private(set) var pen = Pen()
  private var (row, column) = (0, 0)
  private var wrapsNext = false
  private var (top, bottom): (Int, Int)
  private var last: Unicode.Scalar = " "
  private var saved = (row: 0, column: 0)
  private var reading = Reading.text
  private var parameters = ""
  private var character: [UInt8] = []

  private enum Reading {
    case text, escape, sequence, string, skipOne
  }

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: Cell(), count: columns * rows)
    (top, bottom) = (0, rows - 1)
  }

  /// Its lines, joined.
  var text: String {
    var text = ""
    for row in 0..<rows {
      for cell in cells[row * columns..<(row + 1) * columns] {
        text.unicodeScalars.append(cell.text)
      }
      text += "\n"
    }
    return text
  }

  var isBlank: Bool { cells.allSatisfy { $0.text == " " } }

  mutating func write(_ bytes: [UInt8]) {
    for byte in bytes { write(byte) }
  }

  private mutating func write(_ byte: UInt8) {
    switch reading {
    case .text: takeText(byte)
    case .escape: takeEscape(byte)
    case .sequence:
      if (0x40...0x7E).contains(byte) {
        reading = .text
        carryOut(Unicode.Scalar(byte))
      } else {
        parameters.unicodeScalars.append(Unicode.Scalar(byte))
      }
    case .string:
      if byte == 7 { reading = .text }
      if byte == 0x1B { reading = .skipOne }  // the end of a string: ESC \
    case .skipOne: reading = .text
    }
  }

  private mutating func takeText(_ byte: UInt8) {
    switch byte {
    case 0x1B: reading = .escape
    case 8: (column, wrapsNext) = (max(column - 1, 0), false)
    case 9: column = min((column / 8 + 1) * 8, columns - 1)
    case 10...12: lineFeed()
    case 13: (column, wrapsNext) = (0, false)
    case 0..<32, 127: break
    case 32..<127: put(Unicode.Scalar(byte))
    default:
      if byte >= 0xC0 { character = [byte] } else { character.append(byte) }
      guard let first = character.first else { return }
      let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
      guard character.count >= length else { return }
      put(String(decoding: character, as: UTF8.self).unicodeScalars.first ?? " ")
      character = []
    }
  }

  private mutating func takeEscape(_ byte: UInt8) {
    reading = .text
    switch byte {
    case UInt8(ascii: "["): (reading, parameters) = (.sequence, "")
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"): reading = .string
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "#"): reading = .skipOne
    case UInt8(ascii: "7"): saved = (row, column)
    case UInt8(ascii: "8"): (row, column, wrapsNext) = (saved.row, saved.column, false)
    case UInt8(ascii: "D"): lineFeed()
    case UInt8(ascii: "E"):
      column = 0
      lineFeed()
    case UInt8(ascii: "M"):
      if row == top { scroll(-1) } else { row = max(row - 1, 0) }
    default: break
    }
  }

  // MARK: Writing

  private mutating func put(_ text: Unicode.Scalar) {
    if wrapsNext {
      column = 0
      lineFeed()
    }
    cells[row * columns + column] = Cell(text: text, pen: pen)
    last = text
    wrapsNext = column == columns - 1
    if !wrapsNext { column += 1 }
  }

  private mutating func lineFeed() {
    wrapsNext = false
    if row == bottom { scroll(1) } else { row = min(row + 1, rows - 1) }
  }

  /// Moves the lines between the margins up, or down where the count is below 0.
  private mutating func scroll(_ count: Int, from first: Int? = nil) {
    let first = first ?? top
    guard first <= bottom else { return }
    let old = cells
    for row in first...bottom {
      let from = row + count
      for column in 0..<columns {
        cells[row * columns + column] =
          (first...bottom).contains(from) ? old[from * columns + column] : blank
      }
    }
  }

  /// Erased cells keep the background that was set.
  private var blank: Cell { Cell(pen: Pen(background: pen.background)) }

  private mutating func erase(_ places: Range<Int>) {
    for place in places.clamped(to: cells.indices) { cells[place] = blank }
  }

  // MARK: Sequences

  private func number(_ index: Int, or standard: Int = 1) -> Int {
    let parts = parameters.split(separator: ";", omittingEmptySubsequences: false)
    guard index < parts.count, let value = Int(parts[index]) else { return standard }
    return value == 0 && standard == 1 ? 1 : min(value, 10_000)
  }

  private mutating func move(row: Int, column: Int) {
    self.row = min(max(row, 0), rows - 1)
    self.column = min(max(column, 0), columns - 1)
    wrapsNext = false
  }

  private mutating func carryOut(_ final: Unicode.Scalar) {
    guard parameters.first != "?", parameters.first != ">" else {
      if parameters == "?1049", final == "h" { erase(0..<cells.count) }
      return
    }
    let place = row * columns + column
    switch final {
    case "A": move(row: row - number(0), column: column)
    case "B", "e": move(row: row + number(0), column: column)
    case "C", "a": move(row: row, column: column + number(0))
    case "D": move(row: row, column: column - number(0))
    case "E": move(row: row + number(0), column: 0)
    case "F": move(row: row - number(0), column: 0)
    case "G", "`": move(row: row, column: number(0) - 1)
    case "H", "f": move(row: number(0) - 1, column: number(1) - 1)
    case "d": move(row: number(0) - 1, column: column)
    case "J": erase(range(number(0, or: 0), place, 0..<cells.count))
    case "K":
      erase(range(number(0, or: 0), place, row * columns..<(row + 1) * columns))
    case "X": erase(place..<min(place + number(0), (row + 1) * columns))
    case "b": for _ in 0..<number(0) { put(last) }
    case "@": shift(by: number(0))
    case "P": shift(by: -number(0))
    case "L": scroll(-number(0), from: row)
    case "M": scroll(number(0), from: row)
    case "S": scroll(number(0))
    case "T": scroll(-number(0))
    case "m": setPen()
    case "r":
      (top, bottom) = (number(0) - 1, min(number(1, or: rows), rows) - 1)
      move(row: 0, column: 0)
    default: break
    }
  }

  private func range(_ mode: Int, _ place: Int, _ all: Range<Int>) -> Range<Int> {
    switch mode {
    case 0: place..<all.upperBound
    case 1: all.lowerBound..<place + 1
    default: all
    }
  }

  /// Moves the rest of the line right, or left where the count is below 0.
  private mutating func shift(by count: Int) {
    let line = Array(cells[row * columns..<(row + 1) * columns])
    for column in column..<columns {
      let from = column - count
      let isKept = from >= self.column && from < columns
      cells[row * columns + column] = isKept ? line[from] : blank
    }
  }

  private mutating func setPen() {
    var codes = parameters.split(separator: ";", omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }[...]
    if codes.isEmpty { codes = [0] }
    while let code = codes.popFirst() {
      switch code {
      case 0: pen = Pen()
      case 1...9: pen.attributes |= 1 << UInt16(code)
      case 22: pen.attributes &= ~0b110
      case 23...29: pen.attributes &= ~(1 << UInt16(code - 20))
      case 30...37, 90...97: pen.foreground = String(code)
      case 40...47, 100...107: pen.background = String(code)
      case 39: pen.foreground = ""
      case 49: pen.background = ""
      case 38, 48:
        let count = codes.first == 5 ? 2 : 4
        let color = ([code] + codes.prefix(count)).map(String.init).joined(separator: ";")
        codes = codes.dropFirst(count)
        if code == 38 { pen.foreground = color } else { pen.background = color }
      default: break
      }
    }
  }
}
