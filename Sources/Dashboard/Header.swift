internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// The two lines on top: which cluster, how fresh, how busy.
  func drawHeader(into grid: inout Grid) {
    let width = grid.size.columns
    TextLine(titleFields(width)).draw(into: &grid, row: 0, column: 1, width: width - 2)
    if let shown {
      TextLine(totalFields(shown, width: width), gap: width >= 100 ? 3 : 2)
        .draw(into: &grid, row: 1, column: 1, width: width - 2)
    }
  }

  private func titleFields(_ width: Int) -> [TextLine.Field] {
    var fields = [TextLine.Field(StyledText("aostop", .bold), weight: 50)]
    if let shown {
      fields.append(.init(StyledText(PlainText.cleaned(shown.cluster), .bold), weight: 95))
      fields.append(.init(StyledText("via \(shown.balancer.id)"), weight: 60))
    }
    fields.append(.init(StyledText(refusal == nil ? "[RW]" : "[RO]", .bold), weight: 90))
    fields.append(.init(connectionText, weight: 100))
    fields.append(.init(alertMark, weight: 92))
    if options.record != nil {
      let text = isRecordingStopped ? "REC OFF" : "REC"
      let style: Style = isRecordingStopped ? .colored(.red, isBold: true) : .bold
      fields.append(.init(StyledText(text, style), weight: 85))
    }
    guard let shown else { return fields }
    fields.append(.init(registryText(shown, width), alignment: .right, weight: 40))
    fields.append(
      .init(StyledText(shown.license.text, shown.license.style), alignment: .right, weight: 30))
    fields.append(
      .init(StyledText("\(Format.minute(clock)) UTC"), alignment: .right, weight: 70))
    return fields
  }

  private var connectionText: StyledText {
    if let past {
      let time = Format.second(past.snapshot.at)
      return StyledText("PAST \(time)", Style(isBold: true, isReverse: true))
    }
    if let replay {
      return StyledText("REPLAY \(Format.second(replay.at))", Style(isBold: true, isReverse: true))
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

  private func registryText(_ shown: ClusterSnapshot, _ width: Int) -> StyledText {
    let registry = shown.balancer.registry
    let kind = width >= 100 ? PlainText.cleaned(registry.kind) + " " : ""
    return switch registry.state {
    case .known(.available):
      StyledText("registry \(kind)\(registry.remark == nil ? "ok" : "polled")")
    case .known(.unavailable):
      StyledText("registry \(kind)AWAY", .colored(.red, isBold: true))
    case .unrecognized(let name): StyledText("registry \(kind)\(name)", .warning)
    }
  }

  private func totalFields(_ shown: ClusterSnapshot, width: Int) -> [TextLine.Field] {
    let totals = rows.totals
    var sessions = StyledText("sessions ")
    sessions.append(Format.grouped(totals.connected), .bold)
    var load = StyledText("list ")
    load.append("\(totals.listText) ")
    // What is reserved comes and goes; it takes its place from the bar, so that no field does.
    let bar = max(2, (width >= 100 ? 20 : 6) - totals.reservedText.count)
    load += options.thresholds.text(
      bar: Bar(totals.workload).text(columns: bar),
      figure: " \(Format.percent(totals.workload))", of: totals.workload)
    var handshakes = StyledText("handshakes ")
    handshakes.append(Format.grouped(shown.handshakes.total), .bold)
    var rate = StyledText(Format.rate(shown.handshakes.perSecond), .bold)
    rate.append("/s")
    let servers = StyledText(
      "servers \(Format.grouped(totals.accepting))/\(Format.grouped(totals.servers))"
        + (width >= 100 ? " for clients" : ""),
      totals.accepting == 0 ? .colored(.red, isBold: true) : .bold)
    return [
      .init(servers, weight: 90), .init(sessions, weight: 50), .init(load, weight: 100),
      .init(handshakes, alignment: .right, weight: 30), .init(rate, alignment: .right, weight: 40),
    ]
  }

  /// The line below the header that says why the picture does not move.
  var banner: StyledText? {
    let style = Style(isBold: true, isReverse: true)
    if let replayBanner { return StyledText(replayBanner, style) }
    if let pastBanner { return StyledText(pastBanner, style) }
    if feed.isStale, let lostAt = feed.lostAt {
      var text = " STALE for \(Format.span(milliseconds: now - lostAt))"
      if let frozen { text += ", PAUSED at \(Format.second(frozen.clock)) (z goes on)" }
      if let reason = feed.lostReason { text += ": \(reason)" }
      switch feed.connection {
      case .lost(_, let retryAt): text += "; next try in \(countdown(to: retryAt)), r = now "
      case .connecting(let endpoint): text += "; trying \(endpoint) "
      case .none, .live: text += " "
      }
      return StyledText(text, style)
    }
    guard let frozen else { return nil }
    return StyledText(" PAUSED at \(Format.second(frozen.clock)) UTC; z goes on ", style)
  }

  func drawBanner(into grid: inout Grid, _ layout: Layout) {
    guard let row = layout.bannerRow, let banner else { return }
    grid.fill(
      Rectangle(row: row, column: 0, rows: 1, columns: grid.size.columns),
      style: Style(isBold: true, isReverse: true))
    grid.put(banner, row: row, column: 0, width: grid.size.columns)
  }

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

  /// The last line, from the table of commands.
  func drawKeys(into grid: inout Grid, _ layout: Layout) {
    keyBar.draw(
      into: &grid, row: layout.keyRow, column: 0, width: grid.size.columns)
  }

  var keyBar: KeyBar { KeyBar(keyEntries) }

  private var keyEntries: [KeyBar.Entry] {
    if view.timeText != nil { return Self.timeKeys }
    if view.isEditingFilter { return Self.filterKeys }
    switch overlay {
    case .dialog(let dialog):
      let more = picture(of: dialog, on: size).moreKey
      return (more.map { [Self.entry($0, "More", 85)] } ?? []) + Self.keys(of: dialog)
    case .help, .alerts: return Self.textKeys + urgentKeys + entries(of: Command.texts)
    case .detail: return detailKeys + urgentKeys + entries(of: Command.changes + Command.texts)
    case .none: return urgentKeys + entries(of: Command.all)
    }
  }

  /// Whether they are about the instance or about one of its sessions is to be seen.
  private var detailKeys: [KeyBar.Entry] {
    if isPickingSession {
      return [
        Self.entry(.escape, "To the instance", 100),
        KeyBar.Entry(key: "↑↓", title: "Pick a session", weight: 80),
      ]
    }
    let hasSessions = past == nil && closeUp?.sessions?.isEmpty == false
    return Self.textKeys + (hasSessions ? [Self.entry(.tab, "Pick a session", 89)] : [])
      + [Self.entry(.character("4"), "Sessions", 75)]
  }

  /// What comes before all others as things are.
  private var urgentKeys: [KeyBar.Entry] {
    // While there is no connection, the key that makes one.
    var keys = feed.isLive ? [] : [Self.entry(.character("r"), "Reconnect", 99)]
    // That which shows what happened.
    if alerts.unseenCount > 0 { keys.append(Self.entry(.character("a"), "Alerts", 98)) }
    // Those that go on from a picture that is not of now.
    guard past != nil || isReplay else { return keys }
    return keys + [
      Self.entry(.character("["), "Earlier", 96), Self.entry(.character("]"), "Later", 96),
      Self.entry(.character("b"), "Time", 92),
      Self.entry(.character("0"), isReplay ? "End" : "Now", 97),
    ]
  }

  /// What `z` does now; nil: what it is called anyway.
  var pauseTitle: String? {
    if let replay { return replay.isRunning ? "Stop" : "Run" }
    return frozen == nil ? nil : "Go on"
  }

  /// What is worth a place now: no key that would be refused.
  private func entries(of commands: [Command]) -> [KeyBar.Entry] {
    commands.compactMap { command in
      guard let weight = command.barWeight, let key = command.keys.first, isPossible(command)
      else { return nil }
      let own = isAboutSessions ? command.inSessions : nil
      // There it is what the pane is for, or what goes on.
      let titleNow = own?.title ?? command.titleNow(self)
      return Self.entry(key, titleNow ?? command.title, titleNow == nil ? weight : 94)
    }
  }

  private static func entry(_ key: Key, _ title: String, _ weight: Int) -> KeyBar.Entry {
    KeyBar.Entry(key: key.description, title: title, weight: weight, press: key)
  }

  /// Where a field has the letters, no letter answers.
  private static func keys(of dialog: Dialog) -> [KeyBar.Entry] {
    guard case .field(let name) = dialog.focus else { return questionKeys }
    let isCheck = dialog.fields.first { $0.name == name }?.isCheck ?? false
    return fieldKeys + (isCheck ? [entry(.character(" "), "Tick", 80)] : [emptyKey])
  }

  private static let questionKeys = [
    entry(.tab, "Next", 60), entry(.enter, "Take", 70), entry(.character("y"), "Yes", 80),
    entry(.character("n"), "No", 80), entry(.escape, "Cancel", 90),
  ]

  private static let fieldKeys = [
    entry(.tab, "Next", 60), entry(.enter, "Go on", 70), entry(.escape, "Cancel", 90),
  ]

  private static let emptyKey = entry(.control("u"), "Empty", 50)

  private static let filterKeys = [
    entry(.enter, "Keep", 90), entry(.escape, "Clear", 100), emptyKey,
    KeyBar.Entry(key: "↑↓", title: "Go on in the rows", weight: 50),
  ]

  private static let timeKeys = [
    entry(.enter, "Go", 90), entry(.escape, "Cancel", 100), emptyKey,
  ]

  private static let textKeys = [
    entry(.escape, "Back", 100), KeyBar.Entry(key: "↑↓", title: "Scroll", weight: 80),
  ]
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
