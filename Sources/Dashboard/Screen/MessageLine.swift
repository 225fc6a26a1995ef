internal import CellGrid

extension Dashboard {
  /// The line above the keys: the filter while the operator types it, otherwise the last message.
  func drawMessage(into grid: inout Grid, _ layout: Layout) {
    let width = grid.size.columns - 2
    if let palette {
      let title = palette.isHelp ? "/" : ":"
      return drawTyped(title, palette.text, palette.cursor, into: &grid, layout)
    }
    if let typed, !isLineCovered {
      return drawTyped(
        typed.title, typed.text, view.lineCursor, examples: typed.examples, into: &grid, layout)
    }
    if case .help = overlay { return drawNews(into: &grid, layout) }
    if view.isEditingFilter {
      var line = StyledText("Filter: ", .bold)
      line.append(view.lineCursor.shown(view.filter.text, columns: width - 8))
      let complaint = view.filter.complaint ?? (rows.ids.isEmpty ? view.filter.hint : nil)
      let tone = complaint == nil ? Message.Tone.plain : .bad
      let note = StyledText(complaint ?? shownText, tone.style)
      let fits = line.columns + 2 + note.columns <= width
      TextLine([.init(line, weight: 2), .init(note, alignment: .right, weight: 1)])
        .draw(into: &grid, row: layout.messageRow, column: 1, width: width)
      // An error is above the filter if there is no room beside it.
      if let complaint, !fits {
        draw(complaint, .bad, into: &grid, endingAt: layout.messageRow - 1)
      }
      return
    }
    drawNews(into: &grid, layout)
  }

  /// The text that is typed in the line, except for the filter and the palette.
  private var typed: (title: String, text: String, examples: String)? {
    if let text = view.timeText { return ("Time (UTC): ", text, WantedTime.examples) }
    if let text = view.findText { return ("Find user: ", text, SessionQuery.examples) }
    if view.isFilteringSessions { return ("Sessions with: ", view.sessionFilter, "") }
    return nil
  }

  private func drawTyped(
    _ title: String, _ text: String, _ cursor: LineCursor, examples: String = "",
    into grid: inout Grid, _ layout: Layout
  ) {
    let width = grid.size.columns - 2
    var line = StyledText(title, .bold)
    line.append(cursor.shown(text, columns: width - title.columns))
    TextLine([
      .init(line, weight: 2), .init(StyledText(examples), alignment: .right, weight: 1),
    ]).draw(into: &grid, row: layout.messageRow, column: 1, width: width)
  }

  private func drawNews(into grid: inout Grid, _ layout: Layout) {
    guard let message else { return }
    draw(message.text, message.tone, into: &grid, endingAt: layout.messageRow)
  }

  /// A long message takes lines from the body, so that its end is not lost.
  private func draw(
    _ text: String, _ tone: Message.Tone, into grid: inout Grid, endingAt last: Int
  ) {
    let width = grid.size.columns - 2
    let lines = StyledText.wrapped(text, columns: width, style: tone.style).cut(toLines: 5, width)
    let first = last - lines.count + 1
    for (row, line) in lines.enumerated() {
      grid.fill(Rectangle(row: first + row, column: 0, rows: 1, columns: grid.size.columns))
      grid.put(line, row: first + row, column: 1, width: width)
    }
  }
}

extension Message.Tone {
  fileprivate var style: Style {
    switch self {
    case .plain: .plain
    case .good: .bold
    case .bad: .colored(.red, isBold: true)
    }
  }
}
