/// A rolling restart as a value: it takes snapshots of the cluster and says what to do next.
///
///     snapshot ──take──▶ ┌────────────────┐ ──▶ step: drain this one, wait, pause, done
///     order  ──ordered─▶ └────────────────┘
///
/// Instances are drained until their restart, one after the other. The next one follows when the
/// one before is back in the list with a new process. The value has no clock and no network: a
/// command in a script and a dashboard that asks before each step use the same one.
public struct RollingRestart: Equatable, Sendable {
  /// What to do now.
  public enum Step: Equatable, Sendable {
    /// Drain this instance until its restart, and then call `ordered`.
    case drain(InstanceID)
    /// Do nothing: this instance is being restarted.
    case wait(InstanceID, Waiting)
    /// Do nothing while this reason lasts. The named instance would be next.
    case pause(InstanceID, Pause)
    /// Do nothing more: an operator must decide about this instance.
    case stop(InstanceID, Stop)
    /// All have restarted.
    case done
  }

  /// What the rolling restart waits for.
  public enum Waiting: Equatable, Sendable {
    /// The order of the drain: the last snapshot is older than the order.
    case order
    /// The end of these open sessions.
    case sessions(Int)
    /// The restart: the instance is drained, and its process is still the old one.
    case restart
    /// The return of an instance that is away during its restart; with the reason where it is
    /// known.
    case absence(InstanceState, reason: String?)
    /// The list: the instance has restarted, and this reason keeps it out.
    case list(Exclusion)
  }

  /// Why the next drain has to wait.
  public enum Pause: Equatable, Sendable {
    /// These instances were alive when the rolling restart began, and are lost.
    case lost([InstanceID])
    /// The others would be this full and may be at most that full, in percent of their places.
    case load(percent: Int, most: Int)
    /// No other server takes sessions.
    case nobodyLeft
  }

  /// Why it cannot go on.
  public enum Stop: Equatable, Sendable {
    /// This actor enabled it before it had restarted.
    case enabled(by: String)
    /// It is no longer a member of the cluster.
    case removed
  }

  /// The instances in the order in which they are to be restarted, each once.
  public let ids: [InstanceID]
  /// An instance whose process started after this time has restarted.
  public let since: Timestamp
  /// How full the others may be at most, in percent of their places.
  public let pauseOver: Int
  /// The instances that have restarted, in the order of `ids`.
  public private(set) var restarted: [InstanceID] = []
  /// What to do now.
  public private(set) var step: Step

  /// The start of each instance's process when the value first saw it.
  private var processes: [InstanceID: Timestamp] = [:]
  /// All instances that were alive at some time.
  private var alive: Set<InstanceID> = []
  /// The instance whose drain was ordered, and when the order changed its row.
  private var order: Order?

  private struct Order: Hashable {
    var id: InstanceID
    var at: Timestamp
  }

  /// - Parameters:
  ///   - ids: Servers; a repeated one counts once.
  ///   - since: Instances that have restarted after this time are skipped; nil: only restarts from
  ///     now on count.
  ///   - pauseOver: 1 to 100 percent.
  public init(
    _ ids: [InstanceID], in snapshot: ClusterSnapshot, since: Timestamp? = nil,
    pauseOver: Int = 90
  ) {
    var seen: Set<InstanceID> = []
    self.ids = ids.filter { seen.insert($0).inserted }
    self.since = since ?? snapshot.at
    self.pauseOver = pauseOver
    step = .done
    note(snapshot)
  }

  /// The instances that have not restarted yet; the current one comes first.
  public var rest: [InstanceID] { ids.filter { !restarted.contains($0) } }

  /// The current instance: its drain was ordered, and it is not back yet.
  public var current: InstanceID? { order?.id }

  /// Takes a new snapshot of the cluster.
  public mutating func note(_ snapshot: ClusterSnapshot) {
    for instance in snapshot.instances {
      if instance.health == .alive { alive.insert(instance.id) }
      if processes[instance.id] == nil { processes[instance.id] = instance.startedAt }
    }
    alive = alive.filter { snapshot[$0] != nil }
    step = .done
    for id in ids where !restarted.contains(id) {
      guard let next = step(for: id, in: snapshot) else {
        restarted.append(id)
        if order?.id == id { order = nil }
        continue
      }
      step = next
      return
    }
  }

  /// Notes that an instance was ordered to drain.
  ///
  /// - Parameter at: When its admission was set, as the answer says.
  public mutating func ordered(_ id: InstanceID, at: Timestamp) {
    order = Order(id: id, at: at)
    step = .wait(id, .order)
  }

  /// - Returns: Nil where it has restarted and is back in the list.
  private mutating func step(for id: InstanceID, in snapshot: ClusterSnapshot) -> Step? {
    guard let instance = snapshot[id] else { return .stop(id, .removed) }
    let hasRestarted = hasRestarted(instance)
    if hasRestarted, instance.takesSessions { return nil }
    if order?.id != id, !hasRestarted {
      // An interrupted run ordered this drain before.
      if instance.admission == .rejecting, instance.drain?.untilRestart == true {
        order = Order(id: id, at: instance.admissionAt)
      } else {
        return pause(before: instance, in: snapshot).map { .pause(id, $0) } ?? .drain(id)
      }
    }
    return waiting(for: instance, hasRestarted)
  }

  private func hasRestarted(_ instance: InstanceStatus) -> Bool {
    guard let process = instance.startedAt else { return false }
    return process > since || processes[instance.id].map { $0 != process } ?? false
  }

  private func waiting(for instance: InstanceStatus, _ hasRestarted: Bool) -> Step {
    let id = instance.id
    guard instance.health == .alive else {
      return .wait(id, .absence(instance.state, reason: instance.healthReason))
    }
    if hasRestarted {
      let reasons = [ClientKind.client, .batch].compactMap { instance.derivedExclusion(for: $0) }
      return .wait(id, .list(reasons.first ?? .rejectingClients))
    }
    guard instance.admission != .accepting else {
      guard let order, instance.admissionAt > order.at else { return .wait(id, .order) }
      return .stop(id, .enabled(by: instance.admissionByWords))
    }
    let left = instance.load.connected
    return .wait(id, left > 0 ? .sessions(left) : .restart)
  }

  /// Why a drain has to wait; nil where it need not.
  private func pause(before instance: InstanceStatus, in snapshot: ClusterSnapshot) -> Pause? {
    let lost = snapshot.instances.filter {
      $0.id != instance.id && $0.health == .unreachable && alive.contains($0.id)
    }
    guard lost.isEmpty else { return .lost(lost.map(\.id)) }
    let others = snapshot.instances.filter { $0.id != instance.id && $0.takesSessions }
    let places = others.reduce(0) { $0 + $1.load.maximum }
    guard places > 0 else { return .nobodyLeft }
    // Its users will log on to the others.
    let sessions = others.reduce(instance.load.connected) { $0 + $1.load.connected }
    let percent = (sessions * 100 + places - 1) / places
    return percent > pauseOver ? .load(percent: percent, most: pauseOver) : nil
  }
}

extension RollingRestart.Step {
  /// What to do or to wait for, in one line.
  public var words: String {
    switch self {
    case .drain(let id): "\(id): drain it until its restart"
    case .wait(let id, let waiting): "\(id) \(waiting.words)"
    case .pause(let id, let pause): "paused before \(id): \(pause.words)"
    case .stop(let id, let stop): "\(id) \(stop.words)"
    case .done: "all have restarted"
    }
  }
}

extension RollingRestart.Waiting {
  /// The words that follow the name of the instance.
  public var words: String {
    switch self {
    case .order: "is being drained"
    case .sessions(let left): "drains, \(left) \(left == 1 ? "session" : "sessions") left"
    case .restart: "is drained: restart it now"
    case .absence(let state, let reason):
      "is \(state.name)" + (reason.map { " (\(PlainText.cleaned($0)))" } ?? "")
        + ", waiting for its return"
    case .list(let exclusion): "has restarted and is not in the list yet: \(exclusion.sentence)"
    }
  }
}

extension RollingRestart.Pause {
  /// The reason in words.
  public var words: String {
    switch self {
    case .lost(let ids): "\(ids.map(\.text).joined(separator: ", ")) lost"
    case .load(let percent, let most):
      "the others would be \(percent) % full, more than \(most) %"
    case .nobodyLeft: "no other server takes sessions"
    }
  }
}

extension RollingRestart.Stop {
  /// The words that follow the name of the instance.
  public var words: String {
    switch self {
    case .enabled(let actor): "was enabled before its restart, by \(actor)"
    case .removed: "is not a member of the cluster any more"
    }
  }
}
