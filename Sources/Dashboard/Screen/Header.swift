internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// The two lines at the top: the cluster, whether it is up to date, and its load.
  func drawHeader(into grid: inout Grid) {
    let width = grid.size.columns
    headerLine(0, width: width).draw(into: &grid, row: 0, column: 1, width: width - 2)
    headerLine(1, width: width).draw(into: &grid, row: 1, column: 1, width: width - 2)
  }

  /// In full if everything fits, otherwise the short form. After that fields are left out, so that
  /// a wider line never has fewer.
  func headerLine(_ row: Int, width: Int) -> TextLine {
    let fields = { (isBrief: Bool) -> TextLine in
      let fields = row == 0 ? self.titleFields(isBrief) : self.totalFields(isBrief)
      return TextLine(fields, gap: isBrief ? 2 : 3)
    }
    let whole = fields(false)
    return whole.isWhole(width - 2) ? whole : fields(true)
  }

  private func titleFields(_ isBrief: Bool) -> [TextLine.Field] {
    var fields = [TextLine.Field(StyledText("aostop", .bold), weight: 25)]
    if let shown {
      fields.append(.init(StyledText(PlainText.cleaned(shown.cluster), .bold), weight: 95))
      fields.append(.init(StyledText("via \(shown.balancer.id)"), weight: 60))
    }
    fields.append(.init(StyledText(obstacleToChange == nil ? "[RW]" : "[RO]", .bold), weight: 90))
    fields.append(.init(connectionText, weight: 100))
    fields.append(.init(alertMark, weight: 92))
    if options.record != nil {
      let text = isRecordingStopped ? "REC OFF" : "REC"
      let style: Style = isRecordingStopped ? .colored(.red, isBold: true) : .bold
      fields.append(.init(StyledText(text, style), weight: 85))
    }
    guard let shown else { return fields }
    let short = rows.totals.unlicensed
    fields.append(
      .init(
        StyledText(
          shown.license.text(short: short, isBrief: isBrief), shown.license.style(short: short)),
        alignment: .right, weight: 50))
    let isAway = shown.balancer.registry.state == .unavailable
    fields.append(
      .init(registryText(shown, isBrief), alignment: .right, weight: isAway ? 93 : 40))
    fields.append(
      .init(StyledText("\(Format.minute(picture.clock)) UTC"), alignment: .right, weight: 70))
    return fields
  }

  private var connectionText: StyledText {
    let time = Format.second(picture.clock)
    switch origin {
    case .past: return StyledText("PAST \(time)", Style(isBold: true, isReverse: true))
    case .replay where shown != nil:
      return StyledText("REPLAY \(time)", Style(isBold: true, isReverse: true))
    case .live, .paused, .replay: break
    }
    if feed.isLive { return StyledText("live", .colored(.green)) }
    if let lostAt = feed.lostAt, feed.snapshot != nil {
      let age = Format.span(milliseconds: now - lostAt)
      return StyledText("STALE \(age)", Style(isBold: true, isReverse: true))
    }
    return switch feed.connection {
    case .lost: StyledText("no connection", .colored(.red, isBold: true))
    default: StyledText("connecting", .warning)
    }
  }

  private func registryText(_ shown: ClusterSnapshot, _ isBrief: Bool) -> StyledText {
    let registry = shown.balancer.registry
    let kind = isBrief ? "" : PlainText.cleaned(registry.kind) + " "
    return switch registry.state {
    case .known(.available):
      StyledText("registry \(kind)\(registry.remark == nil ? "ok" : "polled")")
    case .known(.unavailable):
      StyledText("registry \(kind)AWAY", .colored(.red, isBold: true))
    case .unrecognized(let name): StyledText("registry \(kind)\(name)", .warning)
    }
  }

  private func totalFields(_ isBrief: Bool) -> [TextLine.Field] {
    guard let shown else { return [] }
    let totals = rows.totals
    var sessions = StyledText("sessions ")
    sessions.append(Format.grouped(totals.connected), .bold)
    if totals.lost > 0 { sessions.append(" (+\(Format.grouped(totals.lost)) lost)") }
    var load = StyledText(isBrief ? "list " : "in list ")
    load.append(totals.listText(isBrief: isBrief) + " ")
    // The reserved part changes often. Its place is taken from the bar, so that no field moves.
    let reserved = totals.reservedText(isBrief: isBrief).count
    let bar = max(2, (isBrief ? 6 : 26) - reserved)
    load += options.thresholds.text(
      bar: Bar(totals.workload).text(columns: bar),
      figure: " \(Format.percent(totals.workload))", of: totals.workload)
    var rate = StyledText()
    rate.append(Format.rate(shown.handshakes.perSecondOfAll), .bold)
    rate.append(isBrief ? " hs/s" : " handshakes/s")
    let clients = totals.clients.text("clients", isBrief: isBrief)
    var fields: [TextLine.Field] = [
      .init(
        StyledText(clients, totals.accepting == 0 ? .colored(.red, isBold: true) : .bold),
        weight: 90)
    ]
    if totals.batch.all > 0 {
      fields.append(.init(StyledText(totals.batch.text("batch", isBrief: isBrief)), weight: 60))
    }
    return fields + [
      .init(sessions, weight: 70), .init(load, weight: 100),
      .init(rate, alignment: .right, weight: 40),
    ]
  }

  /// The line below the header that says why the picture does not move.
  var banner: StyledText? {
    let text: String?
    switch origin {
    case .replay(let isRunning): text = shown == nil ? nil : replayBanner(isRunning: isRunning)
    case .past: text = pastBanner
    case .live: text = staleBanner(paused: "") ?? roll.map { " \($0.words) " }
    case .paused:
      let time = Format.second(picture.clock)
      text =
        staleBanner(paused: ", PAUSED at \(time) (z resumes)")
        ?? " PAUSED at \(time) UTC; z resumes "
    }
    return text.map { StyledText($0, Style(isBold: true, isReverse: true)) }
  }

  /// How long the feed has been lost, and what is done about it; nil while it is not lost.
  private func staleBanner(paused: String) -> String? {
    guard feed.isStale, let lostAt = feed.lostAt else { return nil }
    var text = " STALE for \(Format.span(milliseconds: now - lostAt))\(paused)"
    if let reason = feed.lostReason { text += ": \(reason)" }
    switch feed.connection {
    case .lost(_, let retryAt): text += "; next try in \(countdown(to: retryAt)), r = now "
    case .connecting(let endpoint): text += "; trying \(endpoint) "
    case .none, .live: text += " "
    }
    return text
  }

  func drawBanner(into grid: inout Grid, _ layout: Layout) {
    guard let row = layout.bannerRow, let banner else { return }
    grid.fill(
      Rectangle(row: row, column: 0, rows: 1, columns: grid.size.columns),
      style: Style(isBold: true, isReverse: true))
    grid.put(banner, row: row, column: 0, width: grid.size.columns)
  }
}
