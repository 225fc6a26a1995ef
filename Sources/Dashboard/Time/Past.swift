internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Keeps the picture that is about to be followed by another one.
  mutating func keepForLookBack() {
    guard let snapshot = feed.snapshot else { return }
    if lookBack.before == nil { lookBack.before = feed.picture.history }
    lookBack.keep(snapshot, heardAt: feed.picture.heardAt, until: now)
  }

  /// What comes with a later connection is not of the time before the first.
  mutating func fillBefore(from history: BalancerHistory) {
    guard let due = lookBack.before?.nextSampleAt, now < due else { return }
    lookBack.before?.fill(from: history)
  }

  mutating func stepBack() -> [Effect] {
    if isReplay { return [.replay(.back)] }
    guard let place = lookBack.place(before: picture.heardAt) else {
      let isPast = picture.origin == .past
      say(isPast ? "This is the oldest picture kept." : "nothing older is kept yet")
      return []
    }
    step(to: place)
    return []
  }

  mutating func stepForth() -> [Effect] {
    if isReplay { return [.replay(.forth)] }
    guard let held else {
      say("this is now")
      return []
    }
    guard let place = lookBack.place(after: held.heardAt) else { return goToNow() }
    step(to: place)
    return []
  }

  mutating func goToNow() -> [Effect] {
    if isReplay { return [.replay(.end)] }
    guard held != nil else { return [] }
    held = nil
    view.heldUntil = nil
    rebuildRows()
    say("this is now")
    return []
  }

  mutating func startTime() {
    view.timeText = ""
    view.isHelpOverLine = false
    view.lineCursor = LineCursor()
    typedBefore.leave()
  }

  /// A key while the time is typed.
  mutating func typeTime(_ key: Key) {
    guard let text = view.timeText else { return }
    if case .character(let character) = key {
      guard WantedTime.mayHold(character), text.utf8.count < WantedTime.longest else { return }
      view.timeText = view.lineCursor.inserting(character, into: text)
    } else if let edited = view.lineCursor.edit(text, by: key) {
      view.timeText = edited
    }
    if view.timeText != text { typedBefore.leave() }
  }

  mutating func recallTime(_ key: Key) -> [Effect] {
    guard let text = view.timeText,
      let before = typedBefore.recall(key == .up ? 1 : -1, .time, from: text)
    else { return [] }
    view.timeText = before
    view.lineCursor = LineCursor()
    return []
  }

  mutating func goToTypedTime() -> [Effect] {
    let text = view.timeText ?? ""
    view.timeText = nil
    typedBefore.keep(text, .time)
    return text.isEmpty ? [] : goToTime(text)
  }

  private mutating func goToTime(_ text: String) -> [Effect] {
    // A replay has no now: a time alone is of the day that is shown.
    let latest = isReplay ? Timestamp(milliseconds: .max) : feed.picture.clock
    guard let time = WantedTime.time(text, shown: picture.clock, latest: latest) else {
      say("Not a time: \"\(text)\". Try \(WantedTime.examples).", .bad)
      return []
    }
    return isReplay ? [.replay(.time(time))] : go(to: time)
  }

  /// Shows the picture of a time of the last hour; later it is now.
  mutating func go(to time: Timestamp) -> [Effect] {
    guard let newest = feed.snapshot?.at, time < newest else { return goToNow() }
    guard let place = lookBack.place(at: time) else {
      say("nothing older is kept yet")
      return []
    }
    show(place)
    if let oldest = lookBack.oldest, time < oldest {
      say("This is the oldest picture kept.")
    }
    return []
  }

  private mutating func step(to place: Int) {
    let before = shown
    show(place)
    if let before { held?.mark(since: before, at: now) }
  }

  private mutating func show(_ place: Int) {
    guard let snapshot = lookBack.snapshot(at: place) else { return }
    let heardAt = lookBack.heardAt(place)
    held = Picture(
      origin: .past, snapshot: snapshot, heardAt: heardAt, now: heardAt,
      history: lookBack.history(at: place), drains: feed.picture.drains)
    // What an operator has not seen is of now.
    held?.drains.seeAll()
    view.heldUntil = nil
    message = nil
    rebuildRows()
  }

  /// The line that says that this is the past.
  var pastBanner: String {
    let time = Format.second(picture.clock)
    let lost = feed.isStale ? "; the feed is lost" : ""
    return " PAST at \(time) UTC; [ ] step, b goes to a time, 0 back to now\(lost) "
  }
}
