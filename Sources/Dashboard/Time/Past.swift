internal import CellGrid
internal import ClusterModel

extension Dashboard {
  mutating func stepBack() -> [Effect] { seek(.back(from: stepStart)) }

  mutating func stepForth() -> [Effect] {
    guard isReplay || held != nil || awaitedPictures > 0 else {
      say("this is now")
      return []
    }
    return seek(.forth(from: stepStart))
  }

  /// The time from which a step out of the present begins; nil: from the last picture, which may be
  /// on its way.
  private var stepStart: Timestamp? {
    isReplay || awaitedPictures > 0 || picture.origin == .past ? nil : shown?.at
  }

  /// How many pictures a key that is held down may request ahead.
  private static let mostAwaitedPictures = 8

  private mutating func seek(_ wish: Seek) -> [Effect] {
    view.jump = nil
    if isReplay { return [.seek(wish)] }
    guard awaitedPictures < Self.mostAwaitedPictures else { return [] }
    awaitedPictures += 1
    return [.seek(wish)]
  }

  mutating func goToNow() -> [Effect] {
    if isReplay { return seek(.end) }
    awaitedPictures = 0
    view.jump = nil
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

  /// A key while the operator types the time.
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
    // A replay has no present: a time without a day is of the day on the screen.
    let latest = isReplay ? Timestamp(milliseconds: .max) : feed.picture.clock
    guard let time = WantedTime.time(text, shown: picture.clock, latest: latest) else {
      say("Not a time: \"\(text)\". Try \(WantedTime.examples).", .bad)
      return []
    }
    return go(to: time)
  }

  /// Shows the picture of a time; after the newest one, the present.
  mutating func go(to time: Timestamp) -> [Effect] {
    if !isReplay, time >= feed.snapshot?.at ?? time { return goToNow() }
    return seek(.time(time))
  }

  /// Takes the result of a seek. It is ignored if nobody waits for it any more, or if a question
  /// was opened meanwhile.
  mutating func receive(_ past: PastPicture?) {
    if isReplay {
      if let past { replay(past) }
      return
    }
    let isPast = picture.origin == .past
    guard awaitedPictures > 0 || isPast else { return }
    awaitedPictures = max(0, awaitedPictures - 1)
    if case .dialog = overlay { return }
    guard let past, !past.isFirst || !(past.isStep || past.isLast) else {
      return say(isPast ? "This is the oldest picture kept." : "no older picture is kept yet")
    }
    if past.isLast {
      _ = goToNow()
    } else {
      show(past)
    }
  }

  private mutating func show(_ past: PastPicture) {
    guard let newest = feed.snapshot?.at else { return }
    let before = shown
    // The clock of the feed continues with the balancer's.
    let heardAt = feed.picture.heardAt - newest.milliseconds(since: past.snapshot.at)
    // The values seen here come every ten seconds. Those kept from before may come less often.
    var trend = feed.picture.trend.until(past.at)
    trend.fill(from: past.trend.samples, until: past.at)
    held = Picture(
      origin: .past, snapshot: past.snapshot, heardAt: heardAt,
      now: heardAt + past.at.milliseconds(since: past.snapshot.at), history: past.history,
      trend: trend, drains: feed.picture.drains)
    // Changes that an operator has not seen belong to the present.
    held?.drains.seeAll()
    if past.isStep, let before { held?.mark(since: before, at: now) }
    view.heldUntil = nil
    message = nil
    rebuildRows()
    if past.isFirst { say("This is the oldest picture kept.") }
    if let note = past.note { say(note) }
  }

  /// The line that says that this is the past.
  var pastBanner: String {
    let time = Format.second(picture.clock)
    let lost = feed.isStale ? "; the feed is lost" : ""
    return " PAST at \(time) UTC; [ ] step, b goes to a time, 0 back to now\(lost) "
  }
}
