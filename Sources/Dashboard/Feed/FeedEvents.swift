internal import CellGrid
internal import ClusterModel

extension Dashboard {
  mutating func goLive(_ endpoint: String) {
    if let reason = feed.lostReason {
      let before = feed.lostEndpoint.map { "\($0) lost" } ?? "Connection lost"
      let isSame = feed.lostEndpoint.map { $0 == PlainText.cleaned(endpoint) } ?? true
      let place = isSame ? "connected again" : "now watching through \(endpoint)"
      say("\(before) (\(reason)); \(place)", .good)
      message?.isOfConnection = true
      message?.until = now + Message.passingMilliseconds
    }
    feed.beLive(at: endpoint)
  }

  mutating func lose(_ reason: String, _ retryAt: Int64) {
    feed.lose(reason: reason, retryAt: retryAt, at: now)
    if message?.isOfConnection == true { message = nil }
    if case .dialog(let dialog) = overlay {
      uncover()
      say("\(dialog.kind.deed) cancelled: the connection was lost.", .bad)
    }
  }

  /// The balancer said whether it accepts changes from this operator.
  mutating func learnAccess(_ refusal: String?) {
    let refusal = refusal.map(PlainText.cleaned)
    guard refusal != accessRefusal else { return }
    accessRefusal = refusal
    guard let refusal else { return say("The balancer accepts changes again.") }
    if case .dialog = overlay { uncover() }
    say("read-only: \(refusal)")
  }

  mutating func receive(_ snapshot: ClusterSnapshot) {
    feed.receive(snapshot)
    log.match(snapshot.actions)
    alerts.note(all: snapshot, at: now, clock: feed.picture.clock, options.thresholds)
    rebuildRows()
  }

  mutating func apply(_ change: ClusterChange) {
    feed.apply(change)
    noteAlerts(change)
    guard held == nil, let shown = feed.snapshot else { return }
    let orderMayDiffer =
      !change.instances.isEmpty || !change.removed.isEmpty
      || (!change.loads.isEmpty && (view.sort.dependsOnLoad || view.filter.isActive))
    if orderMayDiffer { rebuildRows() } else { rows.recount(shown) }
  }

  mutating func append(_ action: ActionRecord) {
    feed.append(action)
    log.match([action])
  }

  /// Computes the rows again. While their order is held, it stays.
  mutating func rebuildRows() {
    guard let shown else { return }
    let facts = picture.sortFacts
    if view.heldUntil == nil {
      rows.rebuild(from: shown, filter: view.filter, sort: view.sort, facts: facts)
    } else {
      rows.rebuildHoldingOrder(from: shown, filter: view.filter, sort: view.sort, facts: facts)
    }
  }

  /// Computes again which rows are shown; the picture is the same.
  mutating func reselectRows() {
    guard let shown else { return }
    rows.reselect(from: shown, filter: view.filter, sort: view.sort, facts: picture.sortFacts)
  }

  /// Updates everything after an event.
  mutating func settleScreen() -> [Effect] {
    if let message, message.until <= now { self.message = nil }
    if let heldUntil = view.heldUntil, heldUntil <= now {
      view.heldUntil = nil
      rebuildRows()
    }
    if feed.sampleTrends(), view.sort.followsTime, held == nil { rebuildRows() }
    settleCursor()
    return settleAlerts() + settleCloseUp() + settleDialog() + settleRoll()
  }
}
