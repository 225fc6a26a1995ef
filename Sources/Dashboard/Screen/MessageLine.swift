internal import CellGrid

extension Dashboard {
  /// The line above the keys: the filter while it is typed, else the last message.
  func drawMessage(into grid: inout Grid, _ layout: Layout) {
    let width = grid.size.columns - 2
    if let text = view.timeText {
      var line = StyledText("Time (UTC): ", .bold)
      line.append(text)
      line.append("▏", .bold)
      TextLine([
        .init(line, weight: 2),
        .init(StyledText(WantedTime.examples), alignment: .right, weight: 1),
      ]).draw(into: &grid, row: layout.messageRow, column: 1, width: width)
      return
    }
    if view.isEditingFilter {
      var line = StyledText("Filter: ", .bold)
      line.append(view.filter.text)
      line.append("▏", .bold)
      let complaint = view.filter.complaint
      let tone = complaint == nil ? Message.Tone.plain : .bad
      let note = StyledText(complaint ?? shownText, tone.style)
      let fits = line.columns + 2 + note.columns <= width
      TextLine([.init(line, weight: 2), .init(note, alignment: .right, weight: 1)])
        .draw(into: &grid, row: layout.messageRow, column: 1, width: width)
      // What is wrong is said above the filter where there is no room beside it.
      if let complaint, !fits {
        draw(complaint, .bad, into: &grid, endingAt: layout.messageRow - 1)
      }
      return
    }
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
