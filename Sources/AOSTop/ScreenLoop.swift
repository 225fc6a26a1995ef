internal import CellGrid
internal import ClusterClient
internal import Dashboard
internal import ProgramSupport
internal import TerminalScreen

/// The loop that ties dashboard, terminal and cluster together, on the main thread.
///
/// It sleeps until something happens. Keys are answered at once; what comes from the feed is drawn
/// at once too, and then at most twenty times a second.
struct ScreenLoop: ~Copyable {
  private var dashboard: Dashboard
  /// Nil in a replay.
  private let cluster: Cluster?
  private var player: Player?
  private var demo: DemoProcess?
  /// Nil in a replay.
  private var endpoint: Endpoint?
  private let isColorless: Bool
  private let usesMouse: Bool
  /// Changes that were sent and have no answer yet.
  private var pending: [RequestToken: Mutation] = [:]

  private var size = Size(columns: 0, rows: 0)
  /// The picture is out of date since the feed told something.
  private var isOutdated = false
  private var drawnAt = Int64.min / 2
  /// When the last keys had been handled, and what came of them was drawn.
  private var keysDoneAt = Int64.min / 2

  /// Keys that come so many milliseconds after others are of one burst: a paste that the terminal
  /// does not mark, or keys that waited on a slow line. Nobody presses two keys so quickly.
  private static let burstMilliseconds: Int64 = 20

  /// What the feed tells is drawn at once, and then at most ten times a second: more is for no
  /// eye, and goes over ssh.
  private static let millisecondsPerFrame: Int64 = 100

  /// The first picture of a cluster is waited for: it and what leads to it are drawn at once.
  private var awaitsPicture: Bool { cluster != nil && dashboard.feed.snapshot == nil }

  /// When the next picture may be drawn; monotonic milliseconds.
  private var frameDue: Int64 { awaitsPicture ? 0 : drawnAt + Self.millisecondsPerFrame }

  init(
    options: DashboardOptions, cluster: Cluster, endpoint: Endpoint, demo: consuming DemoProcess?
  ) {
    dashboard = Dashboard(options: options)
    isColorless = options.isColorless
    usesMouse = options.usesMouse
    self.cluster = cluster
    self.endpoint = endpoint
    self.demo = demo
  }

  /// Shows a recording instead of a cluster.
  init(options: DashboardOptions, player: Player) {
    dashboard = Dashboard(options: options)
    isColorless = options.isColorless
    usesMouse = options.usesMouse
    cluster = nil
    self.player = player
    demo = nil
    endpoint = nil
  }

  /// Runs until the operator or a signal ends it, or the terminal is gone.
  ///
  /// - Throws: `Failure` where there is no screen, or the demo ended by itself.
  mutating func run() throws(Failure) {
    let isPolite = try runOnScreen()
    // The terminal is given back by now.
    if isPolite { awaitAnswers() }
  }

  /// - Returns: The operator ended it.
  private mutating func runOnScreen() throws(Failure) -> Bool {
    var screen = try openScreen()
    if demo == nil { cluster?.start() }
    takeSize(of: screen)
    if let notice = screen.notice { _ = dashboard.handle(.notice(notice), at: now) }
    if let picture = player?.opening() { _ = dashboard.handle(.replay(picture), at: now) }
    draw(on: &screen)
    while true {
      // While a picture is due anyway, the feed can wait for it, and wakes nobody.
      let inbox = isOutdated ? nil : cluster?.inbox.descriptor
      let descriptors = [inbox, demo?.descriptor].compactMap { $0 }
      let wake = screen.wait(for: descriptors, milliseconds: timeToSleep)
      if wake.mustEnd { return false }
      if wake.mustSuspend { screen.suspend() }
      try takeDemo()
      if takeKeys(from: &screen) || takeFeed(&screen) || takeTime(&screen) { return true }
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

  /// Until the next thing that time alone brings; nil: nothing.
  private var timeToSleep: Int64? {
    let frame = isOutdated ? frameDue : nil
    let deadlines = [frame, dashboard.nextDeadline, player?.nextDeadline]
    return deadlines.compactMap { $0 }.min().map { $0 - now }
  }

  private mutating func draw(on screen: inout TerminalScreen) {
    var grid = Grid(size: size)
    dashboard.draw(into: &grid)
    screen.show(grid)
    isOutdated = false
    drawnAt = now
  }
}

// MARK: - What happens

extension ScreenLoop {
  /// - Returns: The program ends. So do the others.
  private mutating func takeKeys(from screen: inout TerminalScreen) -> Bool {
    let keys = screen.keys()
    let hasNewSize = takeSize(of: screen)
    guard hasNewSize || !keys.isEmpty else { return false }
    let followsAtOnce = now - keysDoneAt < Self.burstMilliseconds
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

  private mutating func takeFeed(_ screen: inout TerminalScreen) -> Bool {
    guard let cluster else { return false }
    let (events, opened) = cluster.inbox.take { ($0.takeAll(), $0.endpoint) }
    endpoint = opened ?? endpoint
    for event in events {
      if case .answer(let token, _) = event { pending[token] = nil }
      let wasAwaited = awaitsPicture
      if handle(event, &screen) { return true }
      isOutdated = true
      if wasAwaited { drawnAt = -Self.millisecondsPerFrame }
    }
    return false
  }

  private mutating func takeTime(_ screen: inout TerminalScreen) -> Bool {
    let now = now
    if let deadline = player?.nextDeadline, deadline <= now,
      let picture = player?.advance(at: now)
    {
      isOutdated = true
      return handle(.replay(picture), &screen)
    }
    guard let deadline = dashboard.nextDeadline, deadline <= now else { return false }
    isOutdated = true
    return handle(.tick, &screen)
  }

  /// The cluster is watched from the moment it serves.
  private mutating func takeDemo() throws(Failure) {
    guard var running = demo.take() else { return }
    let wasStarting = running.state == .starting
    running.read()
    if running.state == .ended { throw running.failure }
    if wasStarting, running.state == .ready { cluster?.start() }
    demo = consume running
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
    case .reconnectNow: cluster?.reconnectNow()
    case .bell: screen.bell()
    case .copy(let text): return handle(.copied(text, to: screen.copy(text)), &screen)
    case .sessions, .history, .dryRun, .perform: ask(effect)
    case .replay(let wish):
      let now = now
      guard let picture = player?.take(wish, at: now) else { return false }
      return handle(.replay(picture), &screen)
    }
    return false
  }

  /// What the balancer answers. A replay has none, and asks for nothing.
  private mutating func ask(_ effect: Effect) {
    guard let cluster, let endpoint else { return }
    switch effect {
    case .sessions(let token, let id): cluster.askForSessions(of: id, token, at: endpoint)
    case .history(let token, let minutes):
      cluster.askForHistory(minutes: minutes, token, at: endpoint)
    case .dryRun(let token, let mutation):
      cluster.send(mutation, token, dryRun: true, to: endpoint)
    case .perform(let token, let mutation):
      pending[token] = mutation
      cluster.send(mutation, token, dryRun: false, to: endpoint)
    default: break
    }
  }
}

// MARK: - Leaving

extension ScreenLoop {
  /// No change is lost silently: what was sent is waited for, and its answer said. Every request
  /// has a limit of its own, and Ctrl-C ends the wait.
  private mutating func awaitAnswers() {
    guard !pending.isEmpty, let cluster else { return }
    for mutation in pending.values {
      console.error("waiting for the answer to: \(mutation.summary) (Ctrl-C leaves)")
    }
    let signals = EndSignals()
    while !pending.isEmpty,
      Waiting.wait(for: cluster.inbox.descriptor, orUntil: signals.descriptor) == .happened
    {
      for case .answer(let token, let answer) in cluster.inbox.take({ $0.takeAll() }) {
        guard let mutation = pending.removeValue(forKey: token) else { continue }
        console.error("\(mutation.summary): \(answer.sentence)")
      }
    }
  }
}

extension Answer {
  fileprivate var sentence: String {
    switch self {
    case .done(_, true, _): "done"
    case .done(_, false, _): "done; the instance was not told yet"
    case .sessions, .history: "answered"
    case .refused(let words, _): "refused: \(words)"
    case .failed(let words): "no answer: \(words)"
    }
  }
}
