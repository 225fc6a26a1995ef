package import ClusterModel

/// What users are told about a drain. If it changes, they must be told again.
struct DrainWarning: Hashable, Sendable {
  var message: String?
  var closeIdleAfterSeconds: Int?
  var deadline: Timestamp?

  /// Nil where a drain neither has a message nor ends sessions.
  init?(_ drain: Drain?) {
    guard let drain,
      drain.message != nil || drain.closeIdleAfterSeconds != nil || drain.deadline != nil
    else { return nil }
    message = drain.message
    closeIdleAfterSeconds = drain.closeIdleAfterSeconds
    deadline = drain.deadline
  }

  /// Whether it announces the end of any session.
  var endsSessions: Bool { closeIdleAfterSeconds != nil || deadline != nil }

  /// The operator's message or a standard one, and what happens to idle sessions, so that nobody is
  /// surprised.
  var text: String {
    var text = message ?? "This server is being taken out of service."
    if let seconds = closeIdleAfterSeconds {
      text += " Sessions without activity for \(Self.duration(seconds)) are ended."
    }
    return text
  }

  /// The announcements that are no longer true; nil where there are none.
  func lifted(since before: DrainWarning?) -> String? {
    Self.lifted(
      deadline: before?.deadline != nil && deadline == nil,
      idleLimit: before?.closeIdleAfterSeconds != nil && closeIdleAfterSeconds == nil)
  }

  /// The message for users whose sessions will not be ended any more.
  func takenBack(stillDraining: Bool) -> String {
    guard stillDraining,
      let lifted = Self.lifted(
        deadline: deadline != nil, idleLimit: closeIdleAfterSeconds != nil)
    else { return "This server stays in service; your session continues." }
    return "\(lifted): your session continues. The server still takes no new clients."
  }

  private static func lifted(deadline: Bool, idleLimit: Bool) -> String? {
    switch (deadline, idleLimit) {
    case (true, true): "The deadline and the limit for idle sessions were lifted"
    case (true, false): "The deadline was lifted"
    case (false, true): "The limit for idle sessions was lifted"
    case (false, false): nil
    }
  }

  static func duration(_ seconds: Int) -> String {
    guard seconds % 60 == 0 else { return seconds == 1 ? "1 second" : "\(seconds) seconds" }
    return seconds == 60 ? "1 minute" : "\(seconds / 60) minutes"
  }
}

extension InstanceLife {
  /// No session is ended sooner than this after its user was warned.
  package static let warningMilliseconds: Int64 = 60_000
  /// How often a deadline is checked again, since the wall clock may be set meanwhile.
  static let longestSleepMilliseconds: Int64 = 10_000
  /// Idle sessions are ended in groups, to wake up less often.
  static let idleGrainMilliseconds: Int64 = 1_000

  /// Tells every user what has changed for them.
  mutating func announce(
    from before: DrainWarning?, to after: DrainWarning?, now: Moment
  ) -> [Delivery] {
    guard before != after else { return [] }
    let message: SessionMessage
    if let after {
      let soonest = now.wall.adding(milliseconds: Self.warningMilliseconds)
      let lifted = after.lifted(since: before).map { " \($0)." } ?? ""
      message = .notice(
        message: after.text + lifted, endsAt: after.deadline.map { max($0, soonest) })
    } else if let before, before.endsSessions {
      message = .notice(message: before.takenBack(stillDraining: drain != nil), endsAt: nil)
    } else {
      return []
    }
    for id in sessions.keys { sessions[id]?.toldAt = after == nil ? nil : now }
    return sessions.keys.sorted().map { Delivery(session: $0, message: message) }
  }

  /// Ends the sessions whose time has come: at the deadline of the current drain, or after longer
  /// idle than it allows, and never less than 60 s after their users were warned. A wall clock that
  /// has just jumped ends no session.
  package mutating func tick(now: Moment) -> [Delivery] {
    var clock = clock ?? ClockWatch(now: now, isTrusted: true)
    let isSteady = clock.isSteady(at: now)
    self.clock = clock
    guard let warning = DrainWarning(drain), warning.endsSessions else { return [] }
    let ended = sessions.values.compactMap { session -> Delivery? in
      guard let toldAt = session.toldAt,
        now.milliseconds(since: toldAt) >= Self.warningMilliseconds,
        let reason = warning.reason(toEnd: session, isSteady: isSteady, now: now)
      else { return nil }
      return Delivery(session: session.id, message: .end(reason: reason))
    }
    for delivery in ended { close(delivery.session) }
    countDeadlineEnds(ended)
    return ended.sorted { $0.session < $1.session }
  }

  /// The sessions that the deadline of the current drain has ended so far; nil: none.
  package var deadlineEnds: DeadlineEnds? {
    lastDeadlineEnds?.drain == drain?.startedAt ? lastDeadlineEnds : nil
  }

  private mutating func countDeadlineEnds(_ ended: [Delivery]) {
    let count = ended.count { $0.message == .end(reason: DrainWarning.deadlineReason) }
    guard count > 0, let drain else { return }
    lastDeadlineEnds = DeadlineEnds(
      drain: drain.startedAt, sessions: (deadlineEnds?.sessions ?? 0) + count)
  }

  /// When to call `tick` next, in monotonic milliseconds; nil: not before the next document. Takes
  /// one look at each session, and only during a drain that ends sessions.
  package func nextDeadline(now: Moment) -> Int64? {
    guard let warning = DrainWarning(drain), warning.endsSessions else { return nil }
    let time = now.monotonicMilliseconds
    var next: Int64?
    for session in sessions.values {
      guard let toldAt = session.toldAt else { continue }
      let warned = toldAt.monotonicMilliseconds + Self.warningMilliseconds
      if let deadline = warning.deadline {
        let wait = min(deadline.milliseconds(since: now.wall), Self.longestSleepMilliseconds)
        let told = min(warned, time + Self.longestSleepMilliseconds)
        let steady = min(clock?.steadyAt ?? 0, time + Self.longestSleepMilliseconds)
        next = min(next ?? .max, max(time + wait, told, steady))
      }
      if let seconds = warning.closeIdleAfterSeconds, let active = session.lastActivity {
        let idle = active.monotonicMilliseconds + Int64(seconds) * 1_000
        next = min(next ?? .max, max(idle, warned, time + Self.idleGrainMilliseconds))
      }
    }
    return next
  }
}

extension DrainWarning {
  /// Why a deadline has ended a session.
  fileprivate static let deadlineReason =
    "The server is out of service, and its deadline has passed."

  /// Why a session must end now; nil: it need not.
  fileprivate func reason(
    toEnd session: HostedSession, isSteady: Bool, now: Moment
  ) -> String? {
    if let deadline, isSteady, now.wall >= deadline {
      return Self.deadlineReason
    }
    if let seconds = closeIdleAfterSeconds, let active = session.lastActivity,
      now.milliseconds(since: active) >= Int64(seconds) * 1_000
    {
      return "The server is out of service, and this session had no activity for "
        + "\(Self.duration(seconds))."
    }
    return nil
  }
}
