/// A rolling restart as a value: pictures of the cluster go in, what is to be done next comes out.
///
///     snapshot ──take──▶ ┌────────────────┐ ──▶ step: drain this one, wait, pause, done
///     order  ──ordered─▶ └────────────────┘
///
/// One instance after the other is drained until its restart. The next one comes when the one
/// before is back in the list with another process. No clock, no network: a command in a script and
/// a dashboard that asks before each step use the same value.
public struct RollingRestart: Equatable, Sendable {
  /// What is to be done now.
  public enum Step: Equatable, Sendable {
    /// Drain this one until its restart, and say `ordered`.
    case drain(InstanceID)
    /// Nothing: this one is under way.
    case wait(InstanceID, Waiting)
    /// Nothing, for as long as this holds: the named instance would be next.
    case pause(InstanceID, Pause)
    /// Nothing any more: this one cannot go on without an operator.
    case stop(InstanceID, Stop)
    /// All have restarted.
    case done
  }

  /// What an instance is waited for.
  public enum Waiting: Equatable, Sendable {
    /// The drain is ordered; what was seen is older than that.
    case order
    /// These sessions are still open.
    case sessions(Int)
    /// It is drained, and its process is the old one: it can be restarted now.
    case restart
    /// It is away, as expected in a restart; the reason where one is known.
    case absence(InstanceState, reason: String?)
    /// It has restarted, and this keeps it out of the list.
    case list(Exclusion)
  }

  /// Why the next drain has to wait.
  public enum Pause: Equatable, Sendable {
    /// These were alive when the rolling restart began, and are lost.
    case lost([InstanceID])
    /// The others would be this full, in percent of their places, and may be at most so full.
    case load(percent: Int, most: Int)
    /// No other server takes sessions.
    case nobodyLeft
  }

  /// Why it cannot go on.
  public enum Stop: Equatable, Sendable {
    /// It was enabled before it had restarted, by this actor.
    case enabled(by: String)
    /// It is not a member of the cluster any more.
    case removed
  }

  /// The instances in the order in which they are to be restarted, each once.
  public let ids: [InstanceID]
  /// What a process that started later is: restarted.
  public let since: Timestamp
  /// So full may the others be at most, in percent of their places.
  public let pauseOver: Int
  /// Those that have restarted, in the order of `ids`.
  public private(set) var restarted: [InstanceID] = []
  /// What is to be done now.
  public private(set) var step: Step

  /// The process of each instance when it was first seen here.
  private var processes: [InstanceID: Timestamp] = [:]
  /// Everybody that was alive once.
  private var alive: Set<InstanceID> = []
  /// The one whose drain was ordered here, and when its row was changed by that.
  private var order: Order?

  private struct Order: Hashable {
    var id: InstanceID
    var at: Timestamp
  }

  /// - Parameters:
  ///   - ids: Servers; a repeated one counts once.
  ///   - since: Instances that have restarted after this time are passed over; nil: only those
  ///     that restart from now on.
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
    take(snapshot)
  }

  /// Those that have not restarted yet, the one under way first.
  public var rest: [InstanceID] { ids.filter { !restarted.contains($0) } }

  /// The one under way: its drain was ordered, and it is not back yet.
  public var current: InstanceID? { order?.id }

  /// The cluster is a different one.
  public mutating func take(_ snapshot: ClusterSnapshot) {
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

  /// The drain of an instance was carried out.
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
      // Ordered before, by a run that was interrupted.
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

  /// Why a drain has to wait; nil: it need not.
  private func pause(before instance: InstanceStatus, in snapshot: ClusterSnapshot) -> Pause? {
    let lost = snapshot.instances.filter {
      $0.id != instance.id && $0.health == .unreachable && alive.contains($0.id)
    }
    guard lost.isEmpty else { return .lost(lost.map(\.id)) }
    let others = snapshot.instances.filter { $0.id != instance.id && $0.takesSessions }
    let places = others.reduce(0) { $0 + $1.load.maximum }
    guard places > 0 else { return .nobodyLeft }
    // Its users log on again at the others.
    let sessions = others.reduce(instance.load.connected) { $0 + $1.load.connected }
    let percent = (sessions * 100 + places - 1) / places
    return percent > pauseOver ? .load(percent: percent, most: pauseOver) : nil
  }
}

extension RollingRestart.Step {
  /// What is to be done, or what is waited for, in one line.
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
  /// Behind the name of the instance.
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
  /// Why, in words.
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
  /// Behind the name of the instance.
  public var words: String {
    switch self {
    case .enabled(let actor): "was enabled before its restart, by \(actor)"
    case .removed: "is not a member of the cluster any more"
    }
  }
}
