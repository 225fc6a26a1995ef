internal import CellGrid
internal import ClusterModel

extension Dashboard {
  func drawActions(
    into grid: inout Grid, _ part: Rectangle, keeping drawn: inout DrawnParts
  ) {
    let shown = EventsShown(
      actions: self.shown?.actions ?? [], events: shownEvents, log: log,
      isFocused: view.pane == .actions, cursor: view.eventCursor,
      offset: view.offsets[.actions] ?? 0)
    grid.draw(shown, in: part, keeping: &drawn.events) { drawEvents(into: &$0, part) }
  }

  private func drawEvents(into grid: inout Grid, _ part: Rectangle) {
    Rule(title: paneTitle(.actions, "Events"))
      .draw(into: &grid, row: part.row, column: part.column, width: part.columns)
    let inner = part.split(top: 1).rest
    let text = inner.inset(rows: 0, columns: 1)
    let actions = timedActions(columns: actionColumns(of: text.columns))
    let count = actions.reduce(0) { $0 + $1.count }
    if count == 0 {
      grid.put("nothing has happened yet", row: inner.row, column: inner.column + 1)
      return
    }
    let first = min(view.offsets[.actions] ?? 0, max(0, count - text.rows))
    let lines = actions.lines(within: first..<first + text.rows)
    ScrollingText(lines, offset: first).draw(into: &grid, in: text)
    guard view.pane == .actions, let place = actions.lineOfCursor(view.eventCursor) else { return }
    let row = inner.row + place - first
    guard (inner.row..<inner.endRow).contains(row) else { return }
    grid.put("▸", row: row, column: part.column, style: .bold)
    grid.restyle(Rectangle(row: row, column: part.column, rows: 1, columns: part.columns)) {
      $0.underCursor
    }
  }

  /// In the focused pane long lines are broken, so that every word can be read; otherwise they are
  /// cut.
  private func actionColumns(of columns: Int) -> Int? { view.pane == .actions ? columns : nil }

  /// The number of lines.
  ///
  /// - Parameter part: The place of the pane; nil: lines are not broken.
  func actionLineCount(in part: Rectangle?) -> Int {
    if let columns = part.flatMap({ actionColumns(of: $0.columns - 2) }) {
      return timedActions(columns: columns).reduce(0) { $0 + $1.count }
    }
    let records = shown?.actions ?? []
    let events = shownEvents.count
    let commands =
      log.commands.isEmpty ? 0 : records.count { log.commands[$0.id]?.isRepeated == false }
    return records.count + events + commands + 2 * log.entries.count(where: \.isOnItsOwn)
  }

  /// The events of the cluster up to the picture on the screen; newest first.
  var shownEvents: [ClusterEvent] {
    guard origin == .past else { return shown?.events ?? [] }
    let clock = picture.clock
    return (feed.snapshot?.events ?? []).filter { $0.at <= clock }
  }

  /// Newest first: actions of operators and events, and between them requests of this program that
  /// were refused or have no answer yet. Below a request of this program is the command that does
  /// the same.
  ///
  /// - Parameters:
  ///   - columns: Lines are broken at this many; nil: they are not.
  ///   - id: Only actions about this instance.
  func timedActions(columns: Int?, of id: InstanceID? = nil) -> [TimedAction] {
    let records = (shown?.actions ?? []).filter { id == nil || $0.instance == id }
    let entries = log.entries.filter { entry in
      entry.isOnItsOwn && (id.map { entry.order.command.ids.contains($0) } ?? true)
    }
    let events = shownEvents.filter { id == nil || $0.instance == id }
    let widths = actionWidths(records, events)
    var timed = records.map { record in
      let command = log.commands[record.id].flatMap { $0.isRepeated && id == nil ? nil : $0.text }
      return TimedAction(
        .action(record.id), of: record.instance, at: record.at, order: record.id,
        plainCount: command == nil ? 1 : 2, columns: columns
      ) { lines(of: record, widths, command, columns: columns) }
    }
    timed += entries.map { entry in
      let ids = entry.order.command.ids
      return TimedAction(
        .request(entry.token), of: ids.count == 1 ? ids[0] : nil, at: entry.at, order: .max,
        plainCount: 2, columns: columns
      ) {
        lines(of: entry, widths, columns: columns)
      }
    }
    timed += events.map { event in
      // At the same time, an event follows from the action before it.
      TimedAction(
        .event(event.name), of: event.instance, at: event.at, order: .max, plainCount: 1,
        columns: columns
      ) {
        lines(of: event, widths, columns: columns)
      }
    }
    return timed.sorted { left, right in
      left.at != right.at ? left.at > right.at : left.order > right.order
    }
  }

  /// The widths of actor and instance: as wide as their contents.
  private func actionWidths(
    _ records: [ActionRecord], _ events: [ClusterEvent]
  ) -> (actor: Int, instance: Int) {
    var widths = (actor: 4, instance: 8)
    for record in records {
      widths.actor = min(24, max(widths.actor, record.actorWords.columns))
      widths.instance = min(24, max(widths.instance, record.instance?.text.columns ?? 0))
    }
    for event in events {
      widths.instance = min(24, max(widths.instance, event.instance?.text.columns ?? 0))
    }
    return widths
  }

  private func lines(
    of record: ActionRecord, _ widths: (actor: Int, instance: Int), _ command: String?,
    columns: Int?
  ) -> [StyledText] {
    let head = start(
      record.at, record.actorWords, record.action.title,
      record.instance?.text ?? "cluster", widths)
    var words = [(PlainText.cleaned(record.result), Style.plain)]
    if let reason = record.reason, !reason.isEmpty {
      words.append((" (\(PlainText.cleaned(reason)))", .plain))
    }
    if record.delivered == false {
      words.append(("; not delivered", .bold))
    }
    return broken(head, words, columns) + (command.map { self.command($0, columns) } ?? [])
  }

  private func lines(
    of entry: OwnLog.Entry, _ widths: (actor: Int, instance: Int), columns: Int?
  ) -> [StyledText] {
    let ids = entry.order.command.ids
    let named = ids.count == 1 ? ids[0].text : Format.count(ids.count, "instance")
    let head = start(
      entry.at, "you", OpenEnum.known(entry.order.command.kind).title, named, widths)
    let words: (String, Style)
    switch entry.outcome {
    case .waiting: words = ("sent, no answer yet", .plain)
    case .done: words = ("done", .plain)
    case .refused(let reason):
      words = ("refused: \(PlainText.cleaned(reason))", .colored(.red, isBold: true))
    }
    return broken(head, [words], columns)
      + command(entry.order.commandLine(at: entry.at), columns)
  }

  /// An event has its mark where an action has its actor.
  private func lines(
    of event: ClusterEvent, _ widths: (actor: Int, instance: Int), columns: Int?
  ) -> [StyledText] {
    let level = event.level
    let head = start(
      event.at, level.mark, event.title, event.instance?.text ?? "cluster", widths,
      style: level.style)
    return broken(head, [(event.detail, level.style)], columns)
  }

  /// The action and its words: beside each other if there is room, otherwise below each other.
  private func broken(
    _ head: StyledText, _ words: [(String, Style)], _ columns: Int?
  ) -> [StyledText] {
    let whole = words.reduce(head) { $0 + StyledText($1.0, $1.1) }
    guard let columns, whole.columns > columns else { return [whole] }
    // Broken words have the style of the last part: the refusal, or what is missing.
    let text = words.map(\.0).joined()
    let style = words.last?.1 ?? .plain
    let room = columns - head.columns
    if room >= 30 {
      let lines = StyledText.wrapped(text, columns: room, style: style)
      let blank = StyledText(String(repeating: " ", count: head.columns))
      return lines.enumerated().map { ($0.offset == 0 ? head : blank) + $0.element }
    }
    return [head]
      + StyledText.wrapped(text, columns: columns - 2, style: style).map {
        StyledText("  ") + $0
      }
  }

  private func start(
    _ time: Timestamp, _ actor: String, _ deed: String, _ instance: String,
    _ widths: (actor: Int, instance: Int), style: Style = .bold
  ) -> StyledText {
    var line = StyledText("\(Format.second(time))  ")
    let isAlarm = style != .bold
    line.append(
      actor.truncated(to: widths.actor).padding(to: widths.actor) + "  ", isAlarm ? style : .plain)
    line.append(deed.padding(to: 11) + "  ", style)
    line.append(
      instance.truncated(to: widths.instance).padding(to: widths.instance) + "  ", style)
    return line
  }

  private func command(_ text: String, _ columns: Int?) -> [StyledText] {
    let indent = (columns ?? .max) < 60 ? "  " : "          "
    guard let columns else { return [StyledText(indent + "$ " + text)] }
    return StyledText.wrapped("$ " + text, columns: columns - indent.utf8.count)
      .map { StyledText(indent) + $0 }
  }
}

extension OwnLog.Entry {
  /// Whether no record of the balancer shows it: it waits, or was refused.
  var isOnItsOwn: Bool { outcome != .done }
}

extension OpenEnum<ActionRecord.Kind> {
  /// The action in words; an action of a later release by its name.
  var title: String {
    switch self {
    case .known(.endSession): "end session"
    case .known(.limit): "maximum"
    case .known(.createToken): "new token"
    case .known(.revokeToken): "end token"
    case .known(.assign): "assign ids"
    case .known(.rotateKey): "new key"
    default: rawValue
    }
  }
}
