internal import CellGrid
internal import ClusterModel

/// The words of events in the pane of events.
extension ClusterEvent {
  enum Level {
    case bad, good, plain

    /// The mark, which distinguishes events without colour.
    var mark: String {
      switch self {
      case .bad: "✖"
      case .good: "●"
      case .plain: "·"
      }
    }

    var style: Style {
      switch self {
      case .bad: .colored(.red, isBold: true)
      case .good, .plain: .bold
      }
    }
  }

  var level: Level {
    switch kind {
    case .known(.lost), .known(.applicationDown), .known(.licenseGrace), .known(.licenseExpired),
      .known(.licenseInvalid), .known(.registryLost):
      .bad
    case .known(.back), .known(.drained), .known(.applicationUp), .known(.licenseValid),
      .known(.registryBack):
      .good
    case .known(.stopped), .known(.restarted), .known(.sessionsEnded), .known(.licenseExpiring),
      .unrecognized:
      .plain
    }
  }

  /// A word or two.
  var title: String {
    switch kind {
    case .known(.sessionsEnded): "deadline"
    case .known(.applicationDown), .known(.applicationUp): "application"
    case .known(.licenseExpiring), .known(.licenseGrace), .known(.licenseExpired),
      .known(.licenseInvalid), .known(.licenseValid):
      "license"
    case .known(.registryLost), .known(.registryBack): "registry"
    case .known(let kind): kind.rawValue
    case .unrecognized(let name): PlainText.cleaned(name).truncated(to: 11)
    }
  }

  /// The rest, which the title does not say.
  var detail: String {
    let whole: String?
    switch kind {
    case .known(.lost), .known(.stopped), .known(.restarted):
      whole = sessions.map { "with \(Format.count($0, "session"))" }
    case .known(.back): whole = nil
    case .known(.drained):
      whole = sessions.map { "its deadline ended \(Format.count($0, "session"))" }
    case .known(.sessionsEnded):
      whole = "ended \(Format.count(sessions ?? 0, "session")); others are still open"
    default: return words
    }
    let parts = [whole, reason.map(PlainText.cleaned)].compactMap { $0 }
    let text = parts.joined(separator: ": ")
    return times > 1 ? "\(text) (\(times) times)".trimmed : text
  }
}

extension String {
  fileprivate var trimmed: String { first == " " ? String(dropFirst()) : self }
}

// MARK: - The cursor in the events

extension [TimedAction] {
  /// The event under the cursor; the newest where the cursor is on none of them.
  func underCursor(_ name: TimedAction.Name?) -> Int? {
    isEmpty ? nil : name.flatMap { name in firstIndex { $0.name == name } } ?? 0
  }

  /// Its first line.
  func lineOfCursor(_ name: TimedAction.Name?) -> Int? {
    underCursor(name).map { place in self[..<place].reduce(0) { $0 + $1.count } }
  }
}

extension Dashboard {
  /// The instance of the event under the cursor.
  var instanceOfEvent: InstanceID? {
    let events = timedActions(columns: nil)
    return events.underCursor(view.eventCursor).flatMap { events[$0].instance }
  }

  /// Moves the cursor among the events, and keeps it in sight.
  mutating func moveEvent(by step: Int) {
    let columns = layout.actions.map { $0.columns - 2 }
    let events = timedActions(columns: columns)
    guard let place = events.underCursor(view.eventCursor) else { return }
    let bounded = Swift.min(Swift.max(step, -events.count), events.count)
    let next = Swift.min(Swift.max(place + bounded, 0), events.count - 1)
    view.eventCursor = events[next].name
    let height = layout.rows(of: .actions)
    guard height > 0, let line = events.lineOfCursor(view.eventCursor) else { return }
    let offset = view.offsets[.actions] ?? 0
    let end = line + Swift.min(events[next].count, height)
    view.offsets[.actions] = Swift.min(Swift.max(offset, end - height), line)
  }
}

// MARK: - From event to event

extension Dashboard {
  /// When events and actions happened, oldest first.
  private var eventTimes: [Timestamp] {
    let snapshot = isReplay ? shown : feed.snapshot
    let times = (snapshot?.events ?? []).map(\.at) + (snapshot?.actions ?? []).map(\.at)
    return Set(times).sorted()
  }

  /// The time from which the next jump counts. A jump ends where its event is first visible.
  private var jumpStart: Timestamp {
    guard let jump = view.jump,
      awaitedPictures > 0 || picture.clock.milliseconds / 1_000 == jump.milliseconds / 1_000
    else { return picture.clock }
    return jump
  }

  /// Goes to the previous event.
  mutating func jumpBack() -> [Effect] {
    let start = jumpStart
    guard let time = eventTimes.last(where: { $0 < start }) else {
      say("no earlier event is kept")
      return []
    }
    return jump(to: time)
  }

  /// Goes to the next event; after the last one, to now.
  mutating func jumpForth() -> [Effect] {
    let start = jumpStart
    guard let time = eventTimes.first(where: { $0 > start }) else { return goToNow() }
    return jump(to: time)
  }

  private mutating func jump(to time: Timestamp) -> [Effect] {
    // The picture at the end of that second shows the effect of the event, which is reported a
    // moment after it.
    let effects = go(to: Timestamp(milliseconds: time.milliseconds / 1_000 * 1_000 + 999))
    if !effects.isEmpty { view.jump = time }
    return effects
  }
}
