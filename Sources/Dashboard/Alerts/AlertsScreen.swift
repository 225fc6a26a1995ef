internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Takes the alerts of a change.
  mutating func noteAlerts(_ change: ClusterChange) {
    guard let snapshot = feed.snapshot else { return }
    let clock = feed.picture.clock
    for id in change.removed { alerts.forget(id, at: now, clock: clock) }
    for id in change.instances.map(\.id) + change.loads.map(\.id) {
      guard let instance = snapshot[id] else { continue }
      alerts.note(instance, at: now, clock: clock, options.thresholds)
    }
  }

  /// Takes the state of the whole cluster, and the time. Without a connection there are no alerts,
  /// and a recording was seen by others.
  mutating func settleAlerts() -> [Effect] {
    guard feed.isHeard, let snapshot = feed.snapshot else { return [] }
    let totals = held == nil ? rows.totals : Totals(snapshot.instances)
    alerts.noteCluster(snapshot, totals, at: now, clock: feed.picture.clock, options.thresholds)
    if case .alerts = overlay { alerts.seeAll() }
    return alerts.takeRaised() && options.rings ? [.bell] : []
  }

  /// For the header: how many alerts are active, and how many came since the list of alerts was
  /// last opened: `3 ACTIVE 1 NEW`.
  var alertMark: StyledText {
    var mark = StyledText()
    let active = alerts.active
    if let level = active.level {
      mark.append(
        "\(Format.grouped(active.count)) ACTIVE",
        level == .critical ? .colored(.red, isBold: true) : .bold)
    }
    guard let level = alerts.unseenLevel else { return mark }
    if !mark.isEmpty { mark.append(" ") }
    mark.append(
      "\(Format.grouped(alerts.unseenCount)) NEW",
      level == .critical ? Style(foreground: .red, isBold: true, isReverse: true) : .warning)
    return mark
  }

  func alertLines(columns: Int) -> [StyledText] {
    let all = alerts.newestFirst
    let (holding, over) = (all.filter { $0.ended == nil }, all.filter { $0.ended != nil })
    var lines = section("Active", holding, columns: columns)
    if holding.isEmpty { lines.append(StyledText("nothing is wrong", .colored(.green))) }
    if !over.isEmpty { lines += [StyledText()] + section("Resolved", over, columns: columns) }
    let thresholds = options.thresholds
    let rule =
      "Load is a warning from \(thresholds.warnPercent) % and critical from "
      + "\(thresholds.criticalPercent) %. Times are UTC."
    return lines + [StyledText()] + StyledText.wrapped(rule, columns: columns)
  }

  private func section(_ title: String, _ alerts: [Alert], columns: Int) -> [StyledText] {
    let idWidth = max(8, alerts.map { $0.key.instance?.text.columns ?? 0 }.max() ?? 0)
    let times = alerts.map(times(of:))
    let timeWidth = times.map(\.columns).max() ?? 0
    return [StyledText("\(title): \(alerts.count)", .bold)]
      + zip(alerts, times).flatMap { alert, time in
        let time = time.padding(to: timeWidth)
        return lines(of: alert, time: time, idWidth: min(24, idWidth), columns: columns)
      }
  }

  /// `10:42:07`, or the times between which it was active.
  private func times(of alert: Alert) -> String {
    let began = time(alert.began)
    return alert.ended.map { "\(began)–\(time($0))" } ?? began
  }

  /// A time of another day has the day: `02-27 06:42`.
  private func time(_ time: Timestamp) -> String {
    let text = time.description
    if text.prefix(10) == picture.clock.description.prefix(10) { return Format.second(time) }
    return "\(text.dropFirst(5).prefix(5)) \(Format.minute(time))"
  }

  private func lines(
    of alert: Alert, time: String, idWidth: Int, columns: Int
  ) -> [StyledText] {
    // Only the word of a warning has a background; a background under the whole text would be too
    // much.
    let style: Style =
      alert.ended == nil && alert.level == .critical ? .colored(.red, isBold: true) : .plain
    var head = StyledText("\(time)  ")
    // The level of a resolved alert does not matter any more.
    if alert.ended == nil {
      let isCritical = alert.level == .critical
      head.append(isCritical ? "critical" : "warning", isCritical ? style : .warning)
      head.append(isCritical ? "  " : "   ")
    }
    let name = alert.key.instance?.text ?? "cluster"
    head.append(name.truncated(to: idWidth).padding(to: idWidth) + "  ", .bold)
    // If there is no room beside it, the text is below it and indented.
    let room = columns - head.columns
    if room >= 24 {
      let wrapped = StyledText.wrapped(alert.text, columns: room, style: style)
      let blanks = StyledText(String(repeating: " ", count: head.columns))
      return wrapped.enumerated().map { ($0 == 0 ? head : blanks) + $1 }
    }
    let wrapped = StyledText.wrapped(alert.text, columns: columns - 2, style: style)
    return [head] + wrapped.map { StyledText("  ") + $0 }
  }
}
