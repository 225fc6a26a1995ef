internal import CellGrid
internal import ClusterModel

extension Dashboard {
  func drawInstances(
    into grid: inout Grid, _ part: Rectangle, keeping drawn: inout DrawnParts
  ) {
    // The marks of the cursor and of the tag are before the table.
    let inner = part.split(left: 2).rest
    let columns = tableColumns
    let table = instancesTable(columns, width: inner.columns)
    let title = paneTitle(.instances, "Instances: \(Format.grouped(rows.totals.instances))")
    let offset = view.offsets[.instances]
    let window = windowText(rows.ids.count, height: part.rows - 2, offset: offset)
    let names = table.places.map { columns[$0.index].name }
    Rule(title: title, note: instancesNote(window, names))
      .draw(into: &grid, row: part.row, column: part.column, width: part.columns)
    table.drawTitles(into: &grid, row: part.row + 1, column: inner.column)
    let height = max(0, part.rows - 2)
    let order = rows.ids
    let first = min(view.offsets[.instances] ?? 0, max(0, order.count - 1))
    drawn.keepRows(of: table, names)
    let (picture, selected) = (picture, selected)
    for (line, id) in order.dropFirst(first).prefix(height).enumerated() {
      guard let instance = picture.snapshot?[id] else { continue }
      let row = instanceRow(instance, of: picture, isSelected: id == selected)
      let place = Rectangle(
        row: part.row + 2 + line, column: part.column, rows: 1, columns: part.columns)
      grid.draw(row, in: place, keeping: &drawn.rows[line]) { grid in
        draw(row, into: &grid, place, inner, table, columns)
      }
    }
    if order.isEmpty, height > 0 { drawEmpty(into: &grid, part) }
  }

  private func drawEmpty(into grid: inout Grid, _ part: Rectangle) {
    let filter = view.filter
    var text = "no instance has joined the cluster yet"
    if filter.isProblemsOnly, filter.text.isEmpty {
      text = "No problems. p or Esc shows all instances."
    } else if filter.isActive {
      text = "nothing matches; Esc clears the filter"
      if let hint = filter.hint { text += " (\(hint))" }
    }
    grid.put(StyledText(text), row: part.row + 2, column: part.column + 2, width: part.columns - 2)
  }

  private func instanceRow(
    _ instance: InstanceStatus, of picture: Picture, isSelected: Bool
  ) -> InstanceRow {
    let id = instance.id
    let context = RowContext(
      instance: instance, measures: rows.measures, now: picture.clock,
      trend: picture.history.shares(of: id), drain: picture.drainProgress(of: instance),
      handshakes: picture.snapshot?.handshakesPerSecond(of: id),
      isUnseen: picture.drains.unseen.contains(id), thresholds: options.thresholds)
    return InstanceRow(
      context: context, hasNewState: picture.stateMarks[id] != nil,
      isTagged: view.tags.contains(id), isSelected: isSelected)
  }

  private func draw(
    _ shown: InstanceRow, into grid: inout Grid, _ part: Rectangle, _ inner: Rectangle,
    _ table: Table, _ columns: [Column]
  ) {
    let row = part.row
    table.drawRow(into: &grid, row: row, column: inner.column) { place in
      columns[place.index].text(shown.context, place.width)
    }
    if shown.hasNewState,
      let place = table.places.first(where: { columns[$0.index].name == .state })
    {
      // The sign is needed, since not every terminal shows underlined text.
      grid.put("!", row: row, column: inner.column + place.column - 1, style: .bold)
      grid.restyle(
        Rectangle(
          row: row, column: inner.column + place.column, rows: 1, columns: place.width)
      ) { Style(isBold: $0.background == nil, isUnderlined: true).over($0) }
    }
    drawMarks(
      isTagged: shown.isTagged, isSelected: shown.isSelected, into: &grid, row: row, part)
  }

  /// The marks of cursor and tag; the row of the cursor stands out in the pane in focus.
  func drawMarks(_ id: InstanceID, into grid: inout Grid, row: Int, _ part: Rectangle) {
    drawMarks(
      isTagged: view.tags.contains(id), isSelected: id == selected, into: &grid, row: row, part)
  }

  private func drawMarks(
    isTagged: Bool, isSelected: Bool, into grid: inout Grid, row: Int, _ part: Rectangle
  ) {
    if isTagged { grid.put("*", row: row, column: part.column + 1, style: .bold) }
    guard isSelected else { return }
    grid.put("▸", row: row, column: part.column, style: .bold)
    grid.restyle(Rectangle(row: row, column: part.column, rows: 1, columns: part.columns)) {
      $0.underCursor
    }
  }

  /// Every column that has contents, and the one by which the rows are sorted.
  private var tableColumns: [Column] {
    Column.all.filter { $0.width(rows.measures) > 0 || $0.name == view.sort.column }
  }

  /// The columns in a table of this width.
  func shownColumns(columns: Int) -> [ColumnName] {
    let shown = tableColumns
    return instancesTable(shown, width: columns).places.map { shown[$0.index].name }
  }

  /// The column at this position of the table.
  func column(at column: Int, columns: Int) -> ColumnName? {
    let shown = tableColumns
    let places = instancesTable(shown, width: columns).places
    let place = places.first { ($0.column..<$0.column + $0.width).contains(column) }
    return place.map { shown[$0.index].name }
  }

  private func instancesTable(_ columns: [Column], width: Int) -> Table {
    Table(
      columns.map { column in
        // Every title has room for the mark of the sort order.
        let titled = column.title.columns + 1
        return Table.Column(
          title: title(of: column),
          width: max(
            column.name == view.sort.column && !column.name.isNeeded
              ? min(12, column.width(rows.measures)) : column.width(rows.measures), titled),
          widest: column.widest(rows.measures),
          least: column.name.isNeeded ? max(column.least(rows.measures), titled) : titled,
          isNeeded: column.name.isNeeded || column.name == view.sort.column,
          isPicture: column.name == .load || column.name == .trend,
          // The column by which the rows are sorted stays visible in a narrow table.
          weight: column.name == view.sort.column ? max(column.weight, 99) : column.weight,
          alignment: column.alignment)
      }, width: width)
  }

  private func title(of column: Column) -> StyledText {
    let style = Style(isBold: true, isUnderlined: column.name == view.sort.column)
    guard column.name == view.sort.column else { return StyledText(column.title, style) }
    let mark = view.sort.isDescending ? "▼" : "▲"
    // The words stay in place: the mark is on the free side.
    return StyledText(column.alignment == .left ? column.title + mark : mark + column.title, style)
  }

  /// Everything that makes the table show less than all, or in another way.
  private func instancesNote(_ window: String?, _ columns: [ColumnName]) -> StyledText {
    var parts: [StyledText] = []
    let filter = view.filter
    if filter.isActive {
      parts.append(StyledText(shownText, .bold))
    }
    if !filter.text.isEmpty { parts.append(StyledText("/\(filter.text)", .bold)) }
    if filter.isProblemsOnly { parts.append(StyledText("problems only", .bold)) }
    if !columns.contains(view.sort.column) {
      let mark = view.sort.isDescending ? "▼" : "▲"
      parts.append(StyledText("by \(view.sort.column.rawValue) \(mark)"))
    }
    let tagged = view.tags.count { shown?[$0] != nil }
    if tagged > 0 {
      parts.append(StyledText("\(Format.grouped(tagged)) tagged", .bold))
    }
    if !view.isFollowing { parts.append(StyledText("follow off")) }
    if let window { parts.append(StyledText(window)) }
    return parts.enumerated().reduce(StyledText()) { sum, part in
      part.offset == 0 ? part.element : sum + StyledText(" ─ ") + part.element
    }
  }

  /// How many instances the filter shows: `shown 2 of 9`.
  var shownText: String {
    "shown \(Format.grouped(rows.ids.count)) of \(Format.grouped(rows.totals.instances))"
  }

  /// Which rows are visible, if not all are: `rows 1-6 of 9`.
  func windowText(_ count: Int, height: Int, offset: Int?) -> String? {
    guard count > height, height > 0 else { return nil }
    let first = min(offset ?? 0, count - 1)
    let (from, to) = (Format.grouped(first + 1), Format.grouped(min(first + height, count)))
    return "rows \(from)-\(to) of \(Format.grouped(count))"
  }

  /// The title of a pane with its number; that of the focused pane is highlighted.
  func paneTitle(_ pane: Pane, _ text: String) -> StyledText {
    let isFocused = pane == view.pane
    return StyledText(
      isFocused ? "▸\(pane.number) \(text)" : "\(pane.number) \(text)",
      Style(isBold: isFocused, isReverse: isFocused))
  }
}
