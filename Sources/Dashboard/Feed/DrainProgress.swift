package import ClusterModel

/// The progress of a drain.
package struct DrainProgress: Equatable, Sendable {
  package let left: Int
  package let startedWith: Int
  /// How long it has been in progress, or how long it took.
  package let elapsedMilliseconds: Int64
  /// How many sessions leave in a minute; nil while this is not known.
  package let perMinute: Double?
  /// When the last session is expected to have left, or the deadline before that; nil: not known.
  package let endsAt: Timestamp?
  /// Whether the end is the deadline, which ends sessions, and not an estimate.
  package let endsByDeadline: Bool
  /// Whether it ends with the instance's restart.
  package let untilRestart: Bool
  /// When the last session left; nil: it is not over, or this is not known.
  package let endedAt: Timestamp?

  /// - Parameters:
  ///   - earlier: The number of sessions some minutes ago, and how long ago; nil: the mean since
  ///     the beginning is used.
  ///   - ended: When the last session was seen to leave.
  package init(
    _ drain: Drain, left: Int, at now: Timestamp, earlier: (left: Int, milliseconds: Int64)?,
    ended: Timestamp? = nil
  ) {
    self.left = left
    startedWith = drain.startedWith
    let span = drain.startedAt...max(now, drain.startedAt)
    endedAt = left == 0 ? ended.flatMap { span.contains($0) ? $0 : nil } : nil
    elapsedMilliseconds = (endedAt ?? span.upperBound).milliseconds(since: drain.startedAt)
    let from = earlier ?? (drain.startedWith, elapsedMilliseconds)
    let minutes = Double(from.milliseconds) / 60_000
    // The first seconds say nothing about a minute.
    perMinute = from.milliseconds < 10_000 ? nil : max(0, Double(from.left - left) / minutes)
    var end: Timestamp?
    if left > 0, let perMinute, perMinute > 0 {
      let rest = Double(left) / perMinute * 60_000
      // Nobody plans with an end more than a week away.
      if rest < 7 * 86_400_000 { end = now.adding(milliseconds: Int64(rest)) }
    }
    let estimate = end
    if left > 0, let deadline = drain.deadline { end = end.map { min($0, deadline) } ?? deadline }
    endsAt = end
    endsByDeadline = left > 0 && drain.deadline != nil && end == drain.deadline && end != estimate
    untilRestart = drain.untilRestart
  }

  /// For the column of states: `draining 12/44`.
  package var state: String { Self.state(left, of: startedWith) }

  static func state(_ left: Int, of startedWith: Int) -> String {
    "draining \(Format.grouped(left))/\(Format.grouped(startedWith))"
  }

  /// For a column beside the state: `~10:57 0.8/min 31m`. With less room it says less but is not
  /// cut: what matters most comes first. When the drain is over: since when.
  package func remark(columns: Int) -> String {
    let restart = untilRestart ? " restart" : ""
    let text = remark(fitting: columns - restart.utf8.count)
    if text.isEmpty { return untilRestart ? "to restart" : "" }
    return text.utf8.count + restart.utf8.count <= columns ? text + restart : text
  }

  private func remark(fitting columns: Int) -> String {
    if let endedAt { return "since \(Format.minute(endedAt))" }
    guard left > 0 else { return "" }
    let end = endsAt.map { (endsByDeadline ? "ends " : "~") + Format.minute($0) }
    let rate = perMinute.map { Format.rate($0) }
    let span = Format.span(milliseconds: elapsedMilliseconds)
    let forms = [
      [end, rate.map { $0 + "/min" }, span], [end, rate.map { $0 + "/m" }, span],
      [end, rate.map { $0 + "/min" }], [end ?? span],
    ].map { $0.compactMap(\.self).joined(separator: " ") }
    return forms.first { $0.utf8.count <= columns } ?? forms[forms.count - 1]
  }

  private var over: String {
    if startedWith == 0 { return "no session was open" }
    let none = "none of \(Format.grouped(startedWith)) left"
    guard let endedAt else { return none }
    let span = Format.span(milliseconds: elapsedMilliseconds)
    return "\(none) since \(Format.minute(endedAt)) UTC, after \(span)"
  }

  /// For the details.
  package var sentence: String {
    guard left > 0 else { return over }
    let span = Format.span(milliseconds: elapsedMilliseconds)
    var text = "\(Format.grouped(left)) of \(Format.grouped(startedWith)) left after \(span)"
    if let perMinute {
      text += perMinute > 0 ? ", \(Format.rate(perMinute)) leave per minute" : ", nobody is leaving"
    }
    guard let endsAt else { return text }
    return endsByDeadline
      ? "\(text); the deadline ends the rest at \(Format.minute(endsAt)) UTC"
      : "\(text), expected to end at about \(Format.minute(endsAt)) UTC"
  }
}
