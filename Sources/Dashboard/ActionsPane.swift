internal import CellGrid
internal import ClusterModel

extension Dashboard {
  func drawActions(into grid: inout Grid, _ part: Rectangle) {
    Rule(title: paneTitle(.actions, "Last actions"))
      .draw(into: &grid, row: part.row, column: part.column, width: part.columns)
    let inner = part.split(top: 1).rest
    let text = inner.inset(rows: 0, columns: 1)
    let count = actionLineCount
    if count == 0 {
      grid.put("nothing was changed yet", row: inner.row, column: 1)
      return
    }
    let first = min(view.offsets[.actions] ?? 0, max(0, count - text.rows))
    let lines = actionLines(within: first..<first + text.rows)
    ScrollingText(lines, offset: first).draw(into: &grid, in: text)
  }

  /// What stands in the pane for one action, made only where it is seen.
  private struct Timed {
    let at: Timestamp
    let order: Int64
    let count: Int
    let lines: () -> [StyledText]
  }

  /// How many lines there are, without making them.
  var actionLineCount: Int {
    let records = shown?.actions ?? []
    let commands = log.commands.isEmpty ? 0 : records.count { log.commands[$0.id] != nil }
    return records.count + commands + 2 * log.entries.count(where: \.isOnItsOwn)
  }

  /// Newest first: what the balancer logged, and between it what this program asked for in vain
  /// or has no answer to yet. Below what was asked here stands the command that does the same.
  ///
  /// - Parameters:
  ///   - id: Only what was done with this instance.
  ///   - window: The lines that are looked at; the others are there, and empty.
  func actionLines(
    of id: InstanceID? = nil, within window: Range<Int> = 0..<Int.max
  ) -> [StyledText] {
    let records = (shown?.actions ?? []).filter { id == nil || $0.instance == id }
    let entries = log.entries.filter { entry in
      entry.isOnItsOwn && (id.map { entry.mutation.ids.contains($0) } ?? true)
    }
    let widths = actionWidths(records)
    var timed = records.map { record in
      Timed(
        at: record.at, order: record.id, count: log.commands[record.id] == nil ? 1 : 2,
        lines: { lines(of: record, widths) })
    }
    timed += entries.map { entry in
      Timed(at: entry.at, order: .max, count: 2, lines: { lines(of: entry, widths) })
    }
    timed.sort { left, right in
      left.at != right.at ? left.at > right.at : left.order > right.order
    }
    var all: [StyledText] = []
    for one in timed {
      let isSeen = window.overlaps(all.count..<all.count + one.count)
      all += isSeen ? one.lines() : Array(repeating: StyledText(), count: one.count)
    }
    return all
  }

  /// Columns of actor and instance: as wide as what is there.
  private func actionWidths(_ records: [ActionRecord]) -> (actor: Int, instance: Int) {
    var widths = (actor: 4, instance: 8)
    for record in records {
      widths.actor = min(16, max(widths.actor, PlainText.cleaned(record.actor).columns))
      widths.instance = min(24, max(widths.instance, record.instance?.text.columns ?? 0))
    }
    return widths
  }

  private func lines(
    of record: ActionRecord, _ widths: (actor: Int, instance: Int)
  ) -> [StyledText] {
    var line = start(
      record.at, PlainText.cleaned(record.actor), record.action,
      record.instance?.text ?? "cluster", widths)
    line.append(PlainText.cleaned(record.result))
    if let reason = record.reason, !reason.isEmpty {
      line.append(" (\(PlainText.cleaned(reason)))")
    }
    if record.delivered == false {
      line.append("; ")
      line.append("not delivered", .colored(.yellow, isBold: true))
    }
    guard let command = log.commands[record.id] else { return [line] }
    return [line, self.command(command)]
  }

  private func lines(
    of entry: OwnLog.Entry, _ widths: (actor: Int, instance: Int)
  ) -> [StyledText] {
    let ids = entry.mutation.ids
    let named = ids.count == 1 ? ids[0].text : Format.count(ids.count, "instance")
    var line = start(entry.at, "you", entry.mutation.kind, named, widths)
    switch entry.outcome {
    case .waiting: line.append("sent, no answer yet")
    case .done: line.append("done")
    case .refused(let words):
      line.append("refused: \(PlainText.cleaned(words))", .colored(.red, isBold: true))
    }
    return [line, command(entry.mutation.command(at: entry.at))]
  }

  private func start(
    _ time: Timestamp, _ actor: String, _ action: ActionRecord.Kind, _ instance: String,
    _ widths: (actor: Int, instance: Int)
  ) -> StyledText {
    var line = StyledText("\(Format.second(time))  ")
    line.append(actor.truncated(to: widths.actor).padding(to: widths.actor) + "  ")
    line.append("\(action.title)".padding(to: 11) + "  ", .bold)
    line.append(
      instance.truncated(to: widths.instance).padding(to: widths.instance) + "  ", .bold)
    return line
  }

  private func command(_ text: String) -> StyledText {
    StyledText("          $ \(text)", .colored(.cyan))
  }
}

extension OwnLog.Entry {
  /// It is in no record of the balancer that is shown: it waits, or it was refused.
  var isOnItsOwn: Bool { outcome != .done }
}

extension ActionRecord.Kind {
  /// The action in words.
  var title: String {
    switch self {
    case .endSession: "end session"
    case .createToken: "new token"
    case .revokeToken: "end token"
    default: rawValue
    }
  }
}
