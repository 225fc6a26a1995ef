internal import CellGrid
internal import ClusterModel

/// What is known about the instance in the details, kept only while they are open.
struct CloseUp: Equatable, Sendable {
  let id: InstanceID
  /// The sessions, oldest first; nil before the first answer.
  var sessions: [SessionInfo]?
  /// Why there are none, in the balancer's own words.
  var refusal: String?
  /// The request for sessions that has no answer yet.
  var pending: RequestToken?
  /// When sessions are requested next, in monotonic milliseconds.
  var askAt: Int64
  /// The request for its load of the last hour.
  var chartRequest: RequestToken?
  /// The session under the cursor, and its row when it was last seen.
  var cursor: String?
  var cursorRow = 0
  /// Whether, in the details, the keys are about its sessions and not about the instance.
  var isPicking = false

  /// The more sessions there are, the less often they are requested.
  static func pause(after count: Int) -> Int64 { 3_000 + 5 * Int64(count) }

  /// The filter of the sessions.
  var filter = ""

  /// The sessions that match the filter.
  var visible: [SessionInfo]? {
    let words = filter.split(separator: " ").map { SearchedText(String($0)) }
    return words.isEmpty ? sessions : sessions?.filter { $0.holds(words) }
  }

  var selectedSession: SessionInfo? {
    visible?.first { $0.session == cursor }
  }

  mutating func receive(_ answered: [SessionInfo]) {
    sessions = answered.sorted { left, right in
      (left.since, left.session) < (right.since, right.session)
    }
    refusal = nil
    settleCursor()
  }

  /// The cursor stays on its session or, if that has ended, on its row.
  mutating func settleCursor() {
    guard let sessions = visible, !sessions.isEmpty else {
      cursor = nil
      return
    }
    let place = cursor.flatMap { id in sessions.firstIndex { $0.session == id } }
    cursorRow = place ?? min(max(0, cursorRow), sessions.count - 1)
    cursor = sessions[cursorRow].session
  }

  mutating func move(by step: Int) {
    guard let sessions = visible, !sessions.isEmpty else { return }
    let bounded = min(max(step, -sessions.count), sessions.count)
    cursorRow = min(max(cursorRow + bounded, 0), sessions.count - 1)
    cursor = sessions[cursorRow].session
  }
}

extension Dashboard {
  /// The instance whose sessions or details are on the screen.
  private var watched: InstanceID? {
    switch overlayBehindDialog {
    case .detail(let id, _), .help(.detail(let id), _): id
    case .none, .dialog, .help(.pane, _), .help(.dialog, _):
      view.pane == .sessions && !isSearching ? selected : nil
    case .help(.alerts, _), .alerts: nil
    }
  }

  private var asksForCloseUp: Bool { feed.isHeard && held == nil }

  /// When the sessions are requested next; nil while nobody sees them.
  var nextCloseUpAt: Int64? {
    guard asksForCloseUp, let closeUp, closeUp.pending == nil,
      let instance = feed.snapshot?[closeUp.id], !instance.role.isLoadBalancer
    else { return nil }
    return closeUp.askAt
  }

  /// Follows the operator's view, and requests what is not known of it.
  mutating func settleCloseUp() -> [Effect] {
    guard let id = watched, let snapshot = feed.snapshot, let instance = snapshot[id] else {
      (closeUp, feed.picture.lastHour) = (nil, nil)
      return []
    }
    var close = closeUp ?? CloseUp(id: id, askAt: now)
    if closeUp == nil || close.id != id {
      close = CloseUp(id: id, askAt: now)
      close.filter = view.sessionFilter
      feed.picture.lastHour = Picture.LastHour(id: id)
      view.offsets[.sessions] = 0
    }
    let (isLive, asks) = (feed.isLive, asksForCloseUp)
    var effects: [Effect] = []
    feed.picture.lastHour?.history.sample([instance], at: now, isLive: isLive)
    if asks, close.chartRequest == nil {
      let token = log.token()
      close.chartRequest = token
      // The answer has all instances: an hour of many would be too much.
      let minutes = Picture.LastHour.minutes * 200 / max(200, snapshot.instances.count)
      effects.append(.history(token, minutes: max(5, minutes)))
    }
    closeUp = close
    if let askAt = nextCloseUpAt, askAt <= now {
      let token = log.token()
      closeUp?.pending = token
      effects.append(.sessions(token, id))
    }
    scrollToSession()
    return effects
  }

  /// Takes an answer that a close-up asked for.
  ///
  /// - Returns: False where the answer is for something else.
  mutating func takeCloseUp(_ answer: Answer, for token: RequestToken) -> Bool {
    guard var close = closeUp, close.pending == token || close.chartRequest == token else {
      return false
    }
    defer { closeUp = close }
    guard close.pending == token else {
      if case .history(let history) = answer { feed.picture.lastHour?.history.fill(from: history) }
      return true
    }
    close.pending = nil
    switch answer {
    // A paused picture does not change.
    case .sessions(let sessions):
      if held == nil || close.sessions == nil { close.receive(sessions) }
    case .refused(let words, _), .failed(let words): close.refusal = PlainText.cleaned(words)
    case .done, .history, .found, .ended: break
    }
    close.askAt = now + CloseUp.pause(after: close.sessions?.count ?? 0)
    return true
  }

  mutating func moveSession(by step: Int) {
    closeUp?.move(by: step)
    scrollToSession()
  }

  private mutating func scrollToSession() {
    if isPickingSession { return scrollDetailToSession() }
    let height = layout.rows(of: .sessions)
    guard !isSearching, let closeUp, view.pane == .sessions, height > 0 else { return }
    let offset = view.offsets[.sessions] ?? 0
    view.offsets[.sessions] = min(max(offset, closeUp.cursorRow - height + 1), closeUp.cursorRow)
  }

  /// Whether the keys are about a session of the instance in the details.
  var isPickingSession: Bool {
    guard case .detail(let id, _) = overlayBehindDialog, let closeUp, closeUp.id == id
    else { return false }
    return closeUp.isPicking && origin.isOfNow
  }

  /// Why there is no session to choose in the details.
  var obstacleToPicking: String? {
    let hasSessions = origin.isOfNow && closeUp?.visible?.isEmpty == false
    return hasSessions ? nil : "no session to pick: \(sessionsRemark)"
  }

  /// In the details, goes from the instance to its sessions or back.
  mutating func setPicking(_ isPicking: Bool) {
    closeUp?.isPicking = isPicking
    scrollToSession()
  }

  /// The sessions are the last lines of the details.
  private mutating func scrollDetailToSession() {
    guard case .detail(let id, let offset) = overlay, let closeUp else { return }
    let lines = overlayLines(columns: size.columns - 4).count
    let line = lines - (closeUp.visible?.count ?? 0) + closeUp.cursorRow
    let height = max(1, layout.body.rows - 2)
    overlay = .detail(id, offset: min(max(offset, line - height + 1, 0), line))
  }

  /// Why nothing can be done with a session.
  var obstacleToSession: String? {
    pickedSession == nil ? "no session is under the cursor" : nil
  }

  /// Whether the newest answer does not contain the session any more.
  func sessionHasEnded(_ session: SessionInfo, at ids: [InstanceID]) -> Bool {
    guard let closeUp, ids == [closeUp.id], let sessions = closeUp.sessions else { return false }
    return !sessions.contains { $0.session == session.session }
  }
}
