internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// - Parameter flow: The list in a few lines; nil: as a table.
  func drawList(into grid: inout Grid, _ part: Rectangle, flow: [StyledText]?) {
    guard let shown else { return }
    let title = "Handshake list: \(Format.count(shown.handshakeList.count, "server"))"
    let count = order(of: .list).count
    let window =
      flow == nil ? windowText(count, height: part.rows - 3, offset: view.offsets[.list]) : nil
    Rule(title: paneTitle(.list, title), note: StyledText(window ?? ""))
      .draw(into: &grid, row: part.row, column: part.column, width: part.columns)
    let inner = part.split(top: 1).rest
    if let flow {
      for (row, line) in flow.prefix(inner.rows).enumerated() {
        grid.put(line, row: inner.row + row, column: inner.column, width: inner.columns)
      }
      return
    }
    drawListTable(into: &grid, inner, shown)
  }

  /// Cursor, tag, rank, the mark of a move, and a blank.
  private static let rankColumns = 6

  /// A line for each: rank and load of those in the list, then the reason for all others.
  private func drawListTable(into grid: inout Grid, _ part: Rectangle, _ shown: ClusterSnapshot) {
    let titled = StyledText("   #".padding(to: Self.rankColumns) + "INSTANCE", .bold)
    let idWidth = max(8, rows.measures.id)
    grid.put(titled, row: part.row, column: part.column, width: part.columns)
    let order = order(of: .list)
    let first = min(view.offsets[.list] ?? 0, order.count)
    let isWhole = order.count + 2 <= part.rows && first == 0
    // The last line counts the rows that do not fit.
    let end = isWhole ? part.endRow : part.endRow - 1
    // The edge has the marks for rows that are out of sight.
    let columns = isWhole ? part.columns : part.columns - 1
    let loadColumn = Self.rankColumns + idWidth + 1
    let barWidth = max(0, min(12, columns - loadColumn - 6 - 5 - 5))
    grid.put("LOAD", row: part.row, column: part.column + loadColumn, style: .bold)
    grid.put(
      "RES", row: part.row, column: part.column + loadColumn + barWidth + 8, style: .bold)
    grid.put(
      "NEXT", row: part.row, column: part.column + loadColumn + barWidth + 12, style: .bold)
    let forecast = forecast(shown)
    let listedCount = shown.handshakeList.count
    let marks = picture.rankMarks
    var row = part.row + 1
    var next = first
    while next < order.count {
      let place = next
      if place == listedCount {
        guard row + 1 < end else { break }
        Rule(title: StyledText("not in the list", .bold))
          .draw(into: &grid, row: row, column: part.column, width: part.columns)
        row += 1
      }
      guard row < end, let instance = shown[order[place]] else { break }
      if place < listedCount {
        let line = listed(
          instance, rank: place + 1, mark: marks.text(of: instance.id, at: place),
          idWidth: idWidth, barWidth: barWidth, next: forecast[instance.id])
        grid.put(line, row: row, column: part.column, width: columns)
      } else {
        let id = instance.id.text.truncated(to: idWidth).padding(to: idWidth)
        let reason = instance.exclusionText() ?? ""
        let blanks = String(repeating: " ", count: Self.rankColumns)
        let line = StyledText(blanks) + StyledText(id, .bold) + StyledText(" \(reason)")
        grid.put(line, row: row, column: part.column, width: columns)
      }
      if view.pane == .list { drawMarks(instance.id, into: &grid, row: row, part) }
      row += 1
      next += 1
    }
    if first > 0 { grid.put("▲", row: part.row + 1, column: part.endColumn - 1, style: .bold) }
    if next < order.count {
      let more = "+\(Format.grouped(order.count - next)) more"
      grid.put(more, row: row, column: part.column + Self.rankColumns, style: .bold)
    }
    if listedCount == 0 { drawNoServer(into: &grid, part) }
  }

  private func drawNoServer(into grid: inout Grid, _ part: Rectangle) {
    let warning = StyledText("no server takes clients", .colored(.red, isBold: true))
    grid.put(warning, row: part.row, column: part.column, width: part.columns)
  }

  private func listed(
    _ instance: InstanceStatus, rank: Int, mark: String, idWidth: Int, barWidth: Int, next: Int?
  ) -> StyledText {
    var line = StyledText(Format.padded("\(rank)", to: Self.rankColumns - 2))
    line.append(mark + " ", .bold)
    line.append(instance.id.text.truncated(to: idWidth).padding(to: idWidth) + " ", .bold)
    let figure = Format.padded(Format.percent(instance.load.workload), to: 6)
    line += options.thresholds.text(
      bar: Bar(instance.load.workload).text(columns: barWidth), figure: figure,
      of: instance.load.workload)
    let reserved = instance.load.reserved
    line.append(Format.padded(reserved > 0 ? "+\(Format.grouped(reserved))" : "", to: 5))
    line.append(Format.padded(next.map(String.init) ?? "", to: 5))
    if instance.slowStartUntil != nil { line.append(" slow start") }
    return line
  }

  /// Everything in a few lines: the list in order, then the excluded instances and why.
  func listFlow(columns: Int, lines: Int) -> [StyledText] {
    guard let shown, lines > 0 else { return [] }
    var flow = TextFlow(columns: columns, mostLines: lines)
    let (marks, thresholds) = (picture.rankMarks, options.thresholds)
    // The last line stays for those left out.
    let reservedLines = rows.excluded.isEmpty ? 0 : 1
    for (place, id) in shown.handshakeList.enumerated() {
      guard let instance = shown[id] else { continue }
      let (load, reserved) = (instance.load.workload, instance.load.reserved)
      let number = "\(place + 1) "
      let figure = " \(Format.percent(load))"
      let more =
        (reserved > 0 ? " +\(Format.grouped(reserved))" : "")
        + (instance.slowStartUntil == nil ? "" : " slow start")
      // With the mark before it.
      let width = 1 + (number + id.text + more).utf8.count + figure.columns
      let left = shown.handshakeList.count - place
      let hasPlace = flow.append(columns: width, keepingLines: reservedLines, of: left) { line in
        line.append(marks.text(of: id, at: place), .bold)
        line.append(number)
        line.append(id.text, .bold)
        line += thresholds.text(figure: figure, of: load)
        line.append(more)
      }
      if !hasPlace { break }
    }
    if shown.handshakeList.isEmpty {
      _ = flow.append(StyledText("no server takes clients", .colored(.red, isBold: true)), of: 1)
    }
    flow.breakLine()
    for (place, id) in rows.excluded.enumerated() {
      guard let reason = shown[id]?.exclusionText(isBrief: true) else { continue }
      var item = StyledText(place == 0 ? "out: " : "")
      item.append(id.text, .bold)
      item.append(" \(reason)")
      if !flow.append(item, of: rows.excluded.count - place) { break }
    }
    return flow.lines
  }
}
