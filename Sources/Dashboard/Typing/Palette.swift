internal import CellGrid
internal import ClusterModel

/// The list of commands by name: `:`.
struct Palette: Equatable, Sendable {
  var text = ""
  var cursor = LineCursor()
  /// The index of the chosen command among those that were found.
  var chosen = 0
  /// Whether it fills the screen and searches the whole help.
  var isHelp = false

  /// The most characters of the search text.
  static let longest = 60
}

/// A line that the palette finds.
struct PaletteLine {
  var term: String
  var text: String
  /// Nil for a line that only explains.
  var command: Command?
  /// Why the command can do nothing now.
  var obstacle: String?

  /// Whether every word occurs in it, in any order and case.
  func holds(_ words: [SearchedText]) -> Bool {
    let all = "\(term) \(command?.title ?? "") \(text)"
    return words.allSatisfy { $0.isPart(of: all) }
  }
}

extension Dashboard {
  mutating func openPalette() { palette = Palette() }

  /// Turns the help into a list to search in.
  mutating func searchHelp() { palette = Palette(isHelp: true) }

  /// The lines that match, in the order of the tables. If two keys do the same in different places,
  /// the one of this place is shown.
  func paletteLines(_ palette: Palette) -> [PaletteLine] {
    let place = placeBelowPalette
    let words = palette.text.split(separator: " ").map { SearchedText(String($0)) }
    var lines = (Command.byPlace[place] ?? []).filter { $0.group != .typing && $0.group != .dialog }
      .map { command in
        PaletteLine(
          term: command.keyNames, text: command.help, command: command,
          obstacle: command.obstacle(self))
      }
    if palette.isHelp {
      lines += HelpSection.all.flatMap(\.lines).filter { $0.command == nil }
        .map { PaletteLine(term: $0.term, text: $0.text) }
    }
    return lines.filter { $0.holds(words) }
  }

  /// The place before the palette was opened; in the help, the place that it is about.
  private var placeBelowPalette: Place {
    var below = self
    below.palette = nil
    if case .help(let topic, _) = overlay { below.overlay = topic.overlay }
    return below.place
  }

  mutating func typePalette(_ key: Key) {
    guard var palette else { return }
    if case .character(let character) = key {
      let longer = palette.cursor.inserting(character, into: palette.text)
      let isFit = character.unicodeScalars.allSatisfy { !PlainText.isUnfit($0) }
      guard longer.count <= Palette.longest, isFit else { return }
      palette.text = longer
    } else if let text = palette.cursor.edit(palette.text, by: key) {
      palette.text = text
    } else {
      return
    }
    palette.chosen = 0
    self.palette = palette
  }

  /// Only lines that a key can run are chosen; explanations are skipped.
  mutating func chooseCommand(by step: Int) {
    guard var palette else { return }
    let count = paletteLines(palette).count { $0.command != nil }
    guard count > 0 else { return }
    palette.chosen = min(max(0, palette.chosen + step), count - 1)
    self.palette = palette
  }

  mutating func closePalette() { palette = nil }

  /// Runs the chosen command, as its key would.
  mutating func runChosen() -> [Effect] {
    guard let palette else { return [] }
    let commands = paletteLines(palette).filter { $0.command != nil }
    guard commands.indices.contains(palette.chosen), let command = commands[palette.chosen].command
    else {
      say("No command is called \"\(palette.text)\".")
      return []
    }
    self.palette = nil
    typedBefore.keep(palette.text, .palette)
    var effects: [Effect] = []
    if case .help(let topic, _) = overlay { effects += leaveHelp(to: topic) }
    return effects + run(command, by: command.keys[0])
  }
}

// MARK: - Its picture

extension Dashboard {
  /// The matching lines, over the lower part of the screen or over all of it.
  func drawPalette(_ palette: Palette, into grid: inout Grid, _ layout: Layout) {
    let lines = paletteLines(palette)
    let most = palette.isHelp ? layout.body.rows : max(4, layout.body.rows * 2 / 3)
    let rows = min(most, max(2, lines.count + 1))
    let part = layout.body.split(top: layout.body.rows - rows).rest
    grid.fill(part)
    Rule(
      title: StyledText(palette.isHelp ? "Search the help" : "Commands", .bold),
      note: StyledText("Enter runs, Esc goes back")
    ).draw(into: &grid, row: part.row, column: 0, width: part.columns)
    if lines.isEmpty {
      grid.put("no command matches", row: part.row + 1, column: 2)
      return
    }
    let chosenLine = lines.indices.filter { lines[$0].command != nil }
      .dropFirst(palette.chosen).first
    let height = part.rows - 1
    let first = max(0, min((chosenLine ?? 0) - height / 2, lines.count - height))
    let termColumns = min(18, 2 + (lines.map(\.term.columns).max() ?? 0))
    for (row, place) in (first..<min(lines.count, first + height)).enumerated() {
      draw(
        lines[place], isChosen: place == chosenLine, into: &grid, row: part.row + 1 + row,
        termColumns: termColumns, columns: part.columns)
    }
    let left = lines.count - first - height
    guard left > 0 else { return }
    let more = " +\(Format.grouped(left)) more"
    grid.put(more, row: part.endRow - 1, column: part.columns - more.count - 1, style: .bold)
  }

  private func draw(
    _ line: PaletteLine, isChosen: Bool, into grid: inout Grid, row: Int, termColumns: Int,
    columns: Int
  ) {
    let style = Style(isDim: line.obstacle != nil)
    var text = StyledText(isChosen ? "▸ " : "  ", .bold)
    text.append(line.term.truncated(to: termColumns - 1).padding(to: termColumns), style)
    if let command = line.command { text.append(command.title.padding(to: 16) + " ", style) }
    text.append(line.text, style)
    if let obstacle = line.obstacle { text.append(" — not now: \(obstacle)", style) }
    grid.put(text, row: row, column: 0, width: columns)
    guard isChosen else { return }
    grid.restyle(Rectangle(row: row, column: 0, rows: 1, columns: columns)) { $0.underCursor }
  }
}
