internal import CellGrid

extension Dashboard {
  /// The line above the keys: the filter while it is typed, else the last message.
  func drawMessage(into grid: inout Grid, _ layout: Layout) {
    let width = grid.size.columns - 2
    if let palette {
      var line = StyledText(palette.isHelp ? "/" : ":", .bold)
      line.append(palette.cursor.shown(palette.text, columns: width - 1))
      grid.put(line, row: layout.messageRow, column: 1, width: width)
      return
    }
    if let text = view.timeText, !isLineCovered {
      var line = StyledText("Time (UTC): ", .bold)
      line.append(view.lineCursor.shown(text, columns: width - 12))
      TextLine([
        .init(line, weight: 2),
        .init(StyledText(WantedTime.examples), alignment: .right, weight: 1),
      ]).draw(into: &grid, row: layout.messageRow, column: 1, width: width)
      return
    }
    if let text = view.findText, !isLineCovered {
      var line = StyledText("Find user: ", .bold)
      line.append(view.lineCursor.shown(text, columns: width - 11))
      TextLine([
        .init(line, weight: 2),
        .init(StyledText(SessionQuery.examples), alignment: .right, weight: 1),
      ]).draw(into: &grid, row: layout.messageRow, column: 1, width: width)
      return
    }
    if view.isFilteringSessions, !isLineCovered {
      var line = StyledText("Sessions with: ", .bold)
      line.append(view.lineCursor.shown(view.sessionFilter, columns: width - 15))
      grid.put(line, row: layout.messageRow, column: 1, width: width)
      return
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
      // An error stands above the filter where there is no room beside it.
      if let complaint, !fits {
        draw(complaint, .bad, into: &grid, endingAt: layout.messageRow - 1)
      }
      return
    }
    drawNews(into: &grid, layout)
  }

  private func drawNews(into grid: inout Grid, _ layout: Layout) {
    guard let message else { return }
    draw(message.text, message.tone, into: &grid, endingAt: layout.messageRow)
  }

  /// A long one takes lines from the body rather than lose its end.
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
