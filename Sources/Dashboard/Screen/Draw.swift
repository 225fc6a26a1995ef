package import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Draws the whole screen and changes nothing.
  package func draw(into grid: inout Grid) {
    var drawn = DrawnParts()
    draw(into: &grid, keeping: &drawn)
  }

  /// Draws the same, quicker.
  ///
  /// - Parameter drawn: Parts of the last picture. What shows the same as then is not drawn again.
  package func draw(into grid: inout Grid, keeping drawn: inout DrawnParts) {
    let size = grid.size
    grid = Grid(size: size)
    guard Layout.fits(size) else {
      drawTooSmall(into: &grid)
      return
    }
    let layout = layout(for: size)
    drawHeader(into: &grid)
    drawBanner(into: &grid, layout)
    drawBody(into: &grid, layout, keeping: &drawn)
    if let palette { drawPalette(palette, into: &grid, layout) }
    drawMessage(into: &grid, layout)
    drawKeys(into: &grid, layout, keeping: &drawn)
    if case .dialog(let dialog) = overlay {
      grid.restyle(layout.body) { Style(isDim: true).over($0) }
      drawDialog(dialog, into: &grid)
    }
    finish(&grid)
  }

  private func drawTooSmall(into grid: inout Grid) {
    let needed = "\(Layout.smallest.columns)x\(Layout.smallest.rows)"
    let text = "aostop needs \(needed), this is \(grid.size.columns)x\(grid.size.rows)"
    for (row, line) in StyledText.wrapped(text, columns: grid.size.columns).enumerated() {
      grid.put(line, row: row, column: 0, width: grid.size.columns)
    }
    finish(&grid)
  }

  private func drawBody(
    into grid: inout Grid, _ layout: Layout, keeping drawn: inout DrawnParts
  ) {
    switch overlayBehindDialog {
    case .help(let topic, let offset):
      drawFullText("Help: \(topic.place.title)", offset: offset, into: &grid, layout)
      return
    case .detail(let id, let offset):
      drawFullText("Instance \(id)", offset: offset, into: &grid, layout)
      return
    case .alerts(let offset):
      drawFullText("Alerts", offset: offset, into: &grid, layout)
      return
    case .none, .dialog: break
    }
    guard shown != nil else {
      drawWaiting(into: &grid, layout)
      return
    }
    if let part = layout.instances { drawInstances(into: &grid, part, keeping: &drawn) }
    if let part = layout.list { drawList(into: &grid, part, flow: layout.listFlow) }
    if let part = layout.actions { drawActions(into: &grid, part, keeping: &drawn) }
    if let part = layout.sessions { drawSessions(into: &grid, part) }
    if let part = layout.cluster { drawCluster(into: &grid, part) }
    if feed.isStale, origin.isOfNow { grid.restyle(layout.body) { Style(isDim: true).over($0) } }
  }

  private func drawFullText(
    _ title: String, offset: Int, into grid: inout Grid, _ layout: Layout
  ) {
    let (rule, rest) = layout.body.split(top: 1)
    Rule(title: StyledText(title, .bold), note: StyledText("Esc goes back"))
      .draw(into: &grid, row: rule.row, column: 0, width: rule.columns)
    let lines = overlayLines(columns: layout.body.columns - 4)
    ScrollingText(lines, offset: offset).draw(into: &grid, in: rest.inset(rows: 0, columns: 2))
  }

  /// A dialog lies over the details from which it was opened.
  var overlayBehindDialog: Overlay {
    if case .dialog = overlay { beneath } else { overlay }
  }

  /// The lines of the help or of the details.
  func overlayLines(columns: Int) -> [StyledText] {
    switch overlayBehindDialog {
    case .help(let topic, _): helpLines(about: topic, columns: columns)
    case .detail(let id, _): detailLines(of: id, columns: columns)
    case .alerts: alertLines(columns: columns)
    case .none, .dialog: []
    }
  }

  private func drawWaiting(into grid: inout Grid, _ layout: Layout) {
    var lines: [StyledText] = []
    switch feed.connection {
    case .none: lines = [StyledText("Starting")]
    case .connecting(let endpoint): lines = [StyledText("Connecting to \(endpoint)")]
    case .live(let endpoint): lines = [StyledText("Waiting for the first picture of \(endpoint)")]
    case .lost(let reason, let retryAt):
      lines = StyledText.wrapped(
        "No balancer answers: \(reason)", columns: layout.body.columns - 4,
        style: .colored(.red, isBold: true))
      lines.append(StyledText("Next try in \(countdown(to: retryAt)) (r tries now)"))
    }
    if feed.lostReason != nil, options.replay == nil {
      let columns = layout.body.columns - 4
      var tried: [StyledText] = []
      if !options.endpoints.isEmpty {
        let names = options.endpoints.map(PlainText.cleaned).joined(separator: ", ")
        tried = StyledText.wrapped("Tried: " + names, columns: columns)
      }
      let hint = StyledText.wrapped(
        "aostop --demo shows a cluster; aosd balancer starts one.", columns: columns)
      // Of many names, as many as fit.
      let room = layout.body.rows - lines.count - hint.count
      lines += tried.cut(toLines: max(1, room), columns)
      if room > tried.count { lines.append(StyledText()) }
      lines += hint
    }
    let top = layout.body.row + max(0, (layout.body.rows - lines.count) / 2)
    for (row, line) in lines.enumerated() {
      let column = max(2, (layout.body.columns - line.columns) / 2)
      grid.put(line, row: top + row, column: column, width: layout.body.columns - column)
    }
  }

  /// The whole seconds until then, rounded up: `3 s`.
  func countdown(to time: Int64) -> String { "\(max(0, (time - now + 999) / 1_000)) s" }

  /// Applies the options to the whole screen.
  private func finish(_ grid: inout Grid) {
    if options.isColorless { grid.restyle(Rectangle(grid.size)) { $0.withoutColor } }
    if options.isASCII { grid.reduceToASCII() }
  }
}
