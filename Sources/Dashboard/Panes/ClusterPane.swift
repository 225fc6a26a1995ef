internal import CellGrid
internal import ClusterModel

/// The cluster as a whole over the last hour: sessions against capacity, handshakes, and the spread
/// of the servers' loads.
extension Dashboard {
  /// The width of the labels before the charts: `handshakes/s 12.5`.
  private static let labelColumns = 18
  /// With fewer columns or rows everything is one line.
  private static let leastChart = Size(columns: 50, rows: 5)

  func drawCluster(into grid: inout Grid, _ part: Rectangle) {
    let isOfNow = origin == .live
    let until = isOfNow ? "last hour" : "hour until \(Format.minute(picture.clock)) UTC"
    Rule(title: paneTitle(.cluster, "Cluster, \(until)"))
      .draw(into: &grid, row: part.row, column: part.column, width: part.columns)
    let inner = part.split(top: 1).rest.inset(rows: 0, columns: 1)
    guard let shown, inner.rows > 0 else { return }
    let trend = picture.trend
    if inner.columns < Self.leastChart.columns || inner.rows < Self.leastChart.rows {
      let lines = clusterLines(shown, trend, inner)
      for (row, line) in lines.prefix(inner.rows).enumerated() {
        grid.put(line, row: inner.row + row, column: inner.column, width: inner.columns)
      }
    } else {
      drawCharts(of: shown, trend, into: &grid, inner)
    }
  }

  /// Everything in one line: `sessions 65 of 80 ⣀⣤⣶  spread 36 ⣀⣀⣤  hs/s 4.2 ⣀⣠⣀`. If that is too
  /// narrow and there are enough lines, each part has its own line.
  private func clusterLines(
    _ shown: ClusterSnapshot, _ trend: ClusterTrend, _ part: Rectangle
  ) -> [StyledText] {
    let totals = rows.totals
    let labels = [
      "sessions \(Format.grouped(totals.connected)) of \(Format.grouped(totals.places)) ",
      "spread \(spreadText) ", "hs/s \(Format.rate(shown.handshakes.perSecondOfAll)) ",
    ]
    let values = [trend.sessionShares.shares, trend.spreadShares, trend.handshakeShares]
    func item(_ place: Int, _ columns: Int) -> StyledText {
      let chart = Chart(values[place], capacity: ClusterTrend.length)
      let line = chart.lines(columns: max(0, columns), rows: 1).first ?? ""
      return StyledText(labels[place]) + StyledText(line, .colored(.cyan))
    }
    let widths = labels.map(\.columns)
    let room = part.columns - widths.reduce(0, +) - 2 * (labels.count - 1)
    if room < 6 * labels.count, part.rows >= labels.count {
      return labels.indices.map { item($0, part.columns - widths[$0]) }
    }
    var line = StyledText()
    for place in labels.indices {
      if place > 0 { line.append("  ") }
      line += item(place, room / labels.count)
    }
    return [line]
  }

  /// Why there are no charts; nil where there are.
  private func trendRemark(_ trend: ClusterTrend) -> String? {
    trend.samples.allSatisfy { $0 == nil } ? "no history yet" : nil
  }

  private var spreadText: String { rows.totals.spread.map(Format.grouped) ?? "—" }

  private func drawCharts(
    of shown: ClusterSnapshot, _ trend: ClusterTrend, into grid: inout Grid, _ part: Rectangle
  ) {
    let sessions = trend.sessionShares
    // Without values there is no scale.
    let scale = sessions.top > 0 ? Format.grouped(sessions.top) : ""
    let left = Self.labelColumns + scale.columns + 1
    let columns = part.columns - left
    let names = part.rows >= 7 ? 1 : 0
    let height = part.rows - 3 - names
    let totals = rows.totals
    func label(_ text: String, _ row: Int) {
      grid.put(text, row: part.row + row, column: part.column)
    }
    func put(_ text: String, _ row: Int) {
      grid.put(
        text, row: part.row + row, column: part.column + left, style: .colored(.cyan))
    }
    label("sessions", 0)
    let figures = "\(Format.grouped(totals.connected)) of \(Format.grouped(totals.places))"
    label(height > 1 ? "  " + figures : "sessions " + figures, height > 1 ? 1 : 0)
    let chart = Chart(sessions.shares, capacity: ClusterTrend.length)
    for (row, line) in chart.lines(columns: columns, rows: height).enumerated() {
      let edge =
        row == 0 && !scale.isEmpty ? scale + "┤" : Format.padded("│", to: scale.columns + 1)
      grid.put(edge, row: part.row + row, column: part.column + Self.labelColumns)
      put(line, row)
    }
    if let remark = trendRemark(trend) {
      grid.put(
        remark, row: part.row + height / 2, column: part.column + left + 1,
        style: Style(isDim: true))
    }
    drawCapacity(
      trend.capacityShares, into: &grid,
      Rectangle(
        row: part.row, column: part.column + left, rows: height, columns: columns))
    let axis = Rectangle(
      row: part.row + height, column: part.column + left, rows: 1, columns: columns)
    grid.put("└", row: axis.row, column: axis.column - 1)
    drawAxis(into: &grid, axis)
    let oneLine = { Chart($0, capacity: ClusterTrend.length).lines(columns: columns, rows: 1) }
    label("handshakes/s \(Format.rate(shown.handshakes.perSecondOfAll))", height + 1)
    put(oneLine(trend.handshakeShares).first ?? "", height + 1)
    label("spread \(spreadText)", height + 2)
    put(oneLine(trend.spreadShares).first ?? "", height + 2)
    guard names > 0, let (fullest, emptiest) = totals.extremes else { return }
    let load = { (extreme: Totals.Extreme) in
      "\(extreme.id) \(Format.percent(extreme.workload))"
    }
    grid.put(
      StyledText("fullest \(load(fullest)), emptiest \(load(emptiest))"),
      row: part.row + height + 3, column: part.column + left, width: columns)
  }

  /// The capacity, as a line where the sessions leave room for it.
  private func drawCapacity(
    _ shares: [Double?], into grid: inout Grid, _ part: Rectangle
  ) {
    let length = ClusterTrend.length
    for column in 0..<max(0, part.columns) {
      let end = shares.count - length * (part.columns - 1 - column) / part.columns
      guard end > 0, end <= shares.count, let share = shares[end - 1] else { continue }
      let above = Int((share * Double(part.rows)).rounded(.up)) - 1
      let row = part.row + part.rows - 1 - min(max(0, above), part.rows - 1)
      let place = part.column + column
      guard grid[row: row, column: place].scalars == Cell.blank.scalars else { continue }
      grid.put("─", row: row, column: place)
    }
  }

  /// The time axis, with marks for events.
  private func drawAxis(into grid: inout Grid, _ part: Rectangle) {
    grid.put(String(repeating: "─", count: part.columns), row: part.row, column: part.column)
    var isFree = [Bool](repeating: true, count: part.columns)
    for mark in clusterMarks {
      let age = picture.clock.milliseconds(since: mark.at)
      let span = Int64(ClusterTrend.length) * ClusterTrend.stepMilliseconds
      let column = part.columns - 1 - Int(age * Int64(part.columns) / span)
      guard age >= 0, column >= 0, isFree[column] else { continue }
      grid.put("┬", row: part.row, column: part.column + column, style: mark.style)
      isFree[column] = false
      // The text is to the right of its mark, otherwise to the left if there is room.
      let width = mark.text.columns + 2
      let places = [column + 1, column - width]
      guard
        let start = places.first(where: { start in
          start >= 0 && start + width <= part.columns
            && isFree[start..<start + width].allSatisfy { $0 }
        })
      else { continue }
      for place in start..<start + width { isFree[place] = false }
      grid.put(
        " \(mark.text) ", row: part.row, column: part.column + start, style: mark.style)
    }
  }

  private struct ClusterMark {
    var at: Timestamp
    var text: String
    var style = Style.plain
  }

  /// Drains and losses, newest first.
  private var clusterMarks: [ClusterMark] {
    guard let shown else { return [] }
    let drains = shown.actions.filter { $0.action == .known(.drain) }.map { action in
      ClusterMark(at: action.at, text: "drain \(action.instance?.text ?? "")")
    }
    let red = Style.colored(.red, isBold: true)
    let events = shownEvents.filter { $0.kind == .known(.lost) }
    let told = Set(events.compactMap(\.instance))
    let losses = events.map { event in
      ClusterMark(at: event.at, text: "\(event.instance?.text ?? "") lost", style: red)
    }
    // For a balancer that reports no events.
    let away = shown.instances.filter { $0.health == .unreachable && !told.contains($0.id) }
      .map { ClusterMark(at: $0.healthSince, text: "\($0.id) lost", style: red) }
    return (drains + losses + away).sorted { $0.at > $1.at }
  }
}

extension ClusterTrend {
  /// The sessions as shares of the top of the chart, and the value at the top; 0: nothing is known.
  fileprivate var sessionShares: (shares: [Double?], top: Int) {
    let top = self.top
    return (samples.map { $0.map { Double($0.sessions) / Double(max(1, top)) } }, top)
  }

  fileprivate var capacityShares: [Double?] {
    let top = Double(max(1, self.top))
    return samples.map { $0.map { Double($0.capacity) / top } }
  }

  private var top: Int {
    samples.reduce(0) { max($0, $1?.sessions ?? 0, $1?.capacity ?? 0) }
  }

  fileprivate var handshakeShares: [Double?] {
    Self.scaled(samples.map { $0?.handshakesPerSecond })
  }

  fileprivate var spreadShares: [Double?] {
    samples.map { $0?.spread.map { Double(min($0, 100)) / 100 } }
  }

  /// The highest value takes the whole height. A peak of half a minute, or of a hundredth of a
  /// shorter time, may exceed it, so that it does not flatten the rest.
  private static func scaled(_ values: [Double?]) -> [Double?] {
    let known = values.compactMap(\.self).filter(\.isFinite).sorted(by: >)
    guard let highest = known.first else { return values.map { $0.map { _ in 0 } } }
    let usual = known[known.count / 100]
    let top = usual > 0 ? usual : highest
    return values.map { value in value.map { top > 0 ? min(1, $0 / top) : 0 } }
  }
}
