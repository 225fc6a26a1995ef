internal import CellGrid
internal import Dashboard
internal import ProgramSupport
internal import TerminalScreen

/// The loop that connects dashboard, terminal and event source, on the main thread.
///
/// It sleeps until something happens. It draws at once after keys. After events of the source it
/// draws at once, too, but at most ten times a second.
struct ScreenLoop<Source: EventSource & ~Copyable>: ~Copyable {
  private var dashboard: Dashboard
  private var source: Source
  private let isColorless: Bool
  private let usesMouse: Bool

  private var size = Size(columns: 0, rows: 0)
  private var drawn = DrawnParts()
  /// Whether the picture is out of date because of an event of the source.
  private var isOutdated = false
  private var drawnAt = Int64.min / 2
  /// When the last keys were handled and their effect was drawn.
  private var keysDoneAt = Int64.min / 2

  /// Keys that come within this many milliseconds belong to one burst: a paste that the terminal
  /// does not mark, or keys that waited on a slow line. Nobody presses two keys so quickly.
  private var burstMilliseconds: Int64 { 60 }

  /// Nobody can see more than ten pictures a second, and they would cost bandwidth over ssh.
  private var millisecondsPerFrame: Int64 { 100 }

  /// Whether the first picture of a cluster is awaited: it and the steps before it are drawn at
  /// once.
  private var awaitsPicture: Bool { dashboard.feed.snapshot == nil }

  /// When the next picture may be drawn, in monotonic milliseconds.
  private var frameDue: Int64 { awaitsPicture ? 0 : drawnAt + millisecondsPerFrame }

  init(options: DashboardOptions, source: consuming Source) {
    dashboard = Dashboard(options: options)
    isColorless = options.isColorless
    usesMouse = options.usesMouse
    self.source = source
  }

  /// Runs until the operator or a signal ends it, or the terminal has gone.
  ///
  /// - Throws: `Failure` where there is no screen, or the source has ended by itself.
  mutating func run() throws(Failure) {
    let isPolite = try runOnScreen()
    // The screen has been left by now.
    if isPolite { source.finish() }
  }

  /// - Returns: Whether the operator ended it.
  private mutating func runOnScreen() throws(Failure) -> Bool {
    var screen = try openScreen()
    takeSize(of: screen)
    if let notice = screen.notice { _ = dashboard.handle(.notice(notice), at: now) }
    for event in source.start() { _ = dashboard.handle(event, at: now) }
    draw(on: &screen)
    while true {
      // If a picture is due anyway, events of the source wait for it and wake nobody.
      let descriptors = isOutdated ? [] : source.descriptors
      let sleep = timeToSleep(screen)
      let wake = screen.wait(for: descriptors, milliseconds: sleep)
      if wake.mustEnd { return false }
      if wake.mustSuspend { screen.suspend() }
      if takeKeys(from: &screen) { return true }
      if try takeEvents(&screen) || takeTime(&screen) { return true }
      if isOutdated, now >= frameDue { draw(on: &screen) }
    }
  }

  private func openScreen() throws(Failure) -> TerminalScreen {
    do throws(TerminalScreen.Unavailable) {
      return try TerminalScreen(usesColor: !isColorless, usesMouse: usesMouse)
    } catch {
      throw Failure(.wrongInput, "no screen: \(error.description); --once prints text")
    }
  }

  private var now: Int64 { Surroundings.monotonicMilliseconds }

  /// The time until the next event that comes by time alone; nil: none.
  private func timeToSleep(_ screen: borrowing TerminalScreen) -> Int64? {
    let now = now
    // Nil: the line wakes this loop when it takes more.
    let frame = isOutdated ? screen.nextFrameAt(now).map { max($0, frameDue) } : nil
    let deadlines = [frame, dashboard.nextDeadline, source.nextDeadline]
    return deadlines.compactMap { $0 }.min().map { $0 - now }
  }

  /// On a line that has not taken the last picture yet, this one is skipped: a newer one follows.
  private mutating func draw(on screen: inout TerminalScreen) {
    guard let due = screen.nextFrameAt(now), due <= now else {
      isOutdated = true
      return
    }
    var grid = Grid(size: size)
    dashboard.draw(into: &grid, keeping: &drawn)
    screen.show(grid)
    isOutdated = false
    drawnAt = now
  }
}

// MARK: - What happens

extension ScreenLoop where Source: ~Copyable {
  /// - Returns: Whether the program ends. The next functions return the same.
  private mutating func takeKeys(from screen: inout TerminalScreen) -> Bool {
    let keys = screen.keys()
    let hasNewSize = takeSize(of: screen)
    guard hasNewSize || !keys.isEmpty else { return false }
    let followsAtOnce = now - keysDoneAt < burstMilliseconds
    let ends = !keys.isEmpty && handle(.keys(keys, followsAtOnce: followsAtOnce), &screen)
    draw(on: &screen)
    if !keys.isEmpty { keysDoneAt = now }
    return ends
  }

  @discardableResult
  private mutating func takeSize(of screen: borrowing TerminalScreen) -> Bool {
    guard screen.size != size else { return false }
    size = screen.size
    _ = dashboard.handle(.resized(size), at: now)
    return true
  }

  private mutating func takeEvents(_ screen: inout TerminalScreen) throws(Failure) -> Bool {
    for event in try source.nextEvents(at: now) {
      let wasAwaited = awaitsPicture
      if handle(event, &screen) { return true }
      isOutdated = true
      if wasAwaited { drawnAt = -millisecondsPerFrame }
    }
    return false
  }

  private mutating func takeTime(_ screen: inout TerminalScreen) -> Bool {
    guard let deadline = dashboard.nextDeadline, deadline <= now else { return false }
    isOutdated = true
    return handle(.tick, &screen)
  }

  private mutating func handle(_ event: Event, _ screen: inout TerminalScreen) -> Bool {
    for effect in dashboard.handle(event, at: now) where carryOut(effect, &screen) { return true }
    return false
  }

  private mutating func carryOut(_ effect: Effect, _ screen: inout TerminalScreen) -> Bool {
    switch effect {
    case .quit: return true
    case .suspend: screen.suspend()
    case .redraw: screen.redraw()
    case .bell: screen.bell()
    case .copy(let text): return handle(.copied(text, to: screen.copy(text)), &screen)
    case .reconnectNow, .sessions, .findSessions, .endSessions, .history, .dryRun, .perform,
      .seek:
      for event in source.carryOut(effect, at: now) where handle(event, &screen) { return true }
    }
    return false
  }
}
