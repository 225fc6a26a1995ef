internal import CellGrid
internal import ClusterModel

/// A picture of the look-back buffer, on the screen instead of the newest one.
struct Past: Equatable, Sendable {
  var snapshot: ClusterSnapshot
  /// Monotonic milliseconds since when it held: its place in time, whatever is thinned meanwhile.
  var heardAt: Int64
  var history: LoadHistory
  /// Nothing after a leap.
  var marks = StepMarks()
}

extension Dashboard {
  /// Keeps the picture that is about to be followed by another one.
  mutating func keepForLookBack() {
    guard let snapshot = feed.snapshot else { return }
    if historyBefore == nil { historyBefore = history }
    lookBack.keep(snapshot, heardAt: feed.heardAt, until: now)
  }

  /// What comes with a later connection is not of the time before the first.
  mutating func fillBefore(from history: BalancerHistory) {
    guard let due = historyBefore?.nextSampleAt, now < due else { return }
    historyBefore?.fill(from: history)
  }

  mutating func stepBack() -> [Effect] {
    if isReplay { return [.replay(.back)] }
    let heardAt = past?.heardAt ?? frozen?.heardAt ?? feed.heardAt
    guard let place = lookBack.place(before: heardAt) else {
      say(past == nil ? "nothing older is kept yet" : "this is the oldest that is kept")
      return []
    }
    step(to: place)
    return []
  }

  mutating func stepForth() -> [Effect] {
    if isReplay { return [.replay(.forth)] }
    guard let heardAt = past?.heardAt ?? frozen?.heardAt else {
      say("this is now")
      return []
    }
    guard let place = lookBack.place(after: heardAt) else { return goToNow() }
    step(to: place)
    return []
  }

  mutating func goToNow() -> [Effect] {
    if isReplay { return [.replay(.end)] }
    guard isHeld else { return [] }
    (past, frozen) = (nil, nil)
    view.heldUntil = nil
    rebuildRows()
    say("this is now")
    return []
  }

  /// A key while the time is typed.
  mutating func typeTime(_ key: Key) {
    guard let text = view.timeText else { return }
    if case .character(let character) = key {
      guard WantedTime.mayHold(character), text.utf8.count < WantedTime.longest else { return }
      view.timeText = text + String(character)
    } else if let rest = text.shortened(by: key) {
      view.timeText = rest
    }
  }

  mutating func goToTypedTime() -> [Effect] {
    let text = view.timeText ?? ""
    view.timeText = nil
    return text.isEmpty ? [] : goToTime(text)
  }

  private mutating func goToTime(_ text: String) -> [Effect] {
    // A replay has no now: a time alone is of the day that is shown.
    let latest = isReplay ? Timestamp(milliseconds: .max) : feed.clock(at: now) ?? clock
    guard let time = WantedTime.time(text, shown: clock, latest: latest) else {
      say("'\(text)' is no time; \(WantedTime.examples)", .bad)
      return []
    }
    if isReplay { return [.replay(.time(time))] }
    guard let newest = feed.snapshot?.at, time < newest else { return goToNow() }
    guard let place = lookBack.place(at: time) else {
      say("nothing older is kept yet")
      return []
    }
    show(place)
    if let oldest = lookBack.oldest, time < oldest {
      say("this is the oldest that is kept")
    }
    return []
  }

  private mutating func step(to place: Int) {
    let before = shown
    show(place)
    if let before, let after = past?.snapshot {
      past?.marks = StepMarks(from: before, to: after, at: now)
    }
  }

  private mutating func show(_ place: Int) {
    guard let snapshot = lookBack.snapshot(at: place) else { return }
    frozen = nil
    past = Past(
      snapshot: snapshot, heardAt: lookBack.heardAt(place),
      history: lookBack.history(at: place, after: historyBefore))
    view.heldUntil = nil
    message = nil
    rebuildRows()
  }

  /// The line that says that this is the past; nil now.
  var pastBanner: String? {
    guard let past else { return nil }
    let time = Format.second(past.snapshot.at)
    let lost = feed.isStale ? "; the feed is lost" : ""
    return " PAST at \(time) UTC; [ ] step, b goes to a time, 0 back to now\(lost) "
  }
}
