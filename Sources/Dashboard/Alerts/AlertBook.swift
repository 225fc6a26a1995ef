internal import ClusterModel

/// Every active alert, and the last resolved ones.
///
/// A condition that comes and goes is one alert: it is resolved only after a minute of absence, and
/// is reported again only when it becomes worse than before.
package struct AlertBook: Equatable, Sendable {
  private(set) var current: [Alert.Key: Alert] = [:]
  /// The resolved alerts, oldest first.
  private(set) var past: [Alert] = []
  package private(set) var unseenCount = 0
  /// The worst level of the alerts that nobody has seen; nil: there are none.
  package private(set) var unseenLevel: Alert.Level?

  private var unlicensed: Set<InstanceID> = []
  /// The instances whose order has not arrived, and since when (monotonic milliseconds).
  private var undelivered: [InstanceID: Int64] = [:]
  /// The instances for which time alone can cause an alert.
  private var timed: Set<InstanceID> = []
  private var checkedAt: Int64 = 0
  /// Whether an alert was reported since the last look.
  private var isRaised = false
  private var isBegun = false

  private static let quietMilliseconds: Int64 = 60_000
  private static let checkMilliseconds: Int64 = 1_000
  private static let kept = 200

  /// The kinds that are about one instance.
  private static let ofInstances: [Alert.Kind] = [
    .lost, .application, .load, .undelivered, .forgottenDrain,
  ]
  private static let ofCluster = Alert.Kind.allCases.filter { !ofInstances.contains($0) }

  package init() {}

  package var isEmpty: Bool { current.isEmpty && past.isEmpty }

  /// The number of active alerts, and the worst level of them.
  package var active: (count: Int, level: Alert.Level?) {
    current.values.reduce((0, nil)) { sum, alert in
      alert.ended == nil ? (sum.0 + 1, max(sum.1 ?? alert.level, alert.level)) : sum
    }
  }

  /// Newest first.
  package var newestFirst: [Alert] {
    (past + current.values).sorted { left, right in
      if left.began != right.began { return left.began > right.began }
      if left.level != right.level { return left.level > right.level }
      if left.key.kind != right.key.kind {
        return left.key.kind.rawValue < right.key.kind.rawValue
      }
      return NaturalOrder.precedes(
        left.key.instance?.text ?? "", right.key.instance?.text ?? "")
    }
  }

  /// Takes the present state of an instance.
  mutating func note(
    _ instance: InstanceStatus, at now: Int64, clock: Timestamp, _ thresholds: LoadThresholds
  ) {
    let id = instance.id
    if instance.license.isUnlicensed { unlicensed.insert(id) } else { unlicensed.remove(id) }
    undelivered[id] = instance.delivered ? nil : undelivered[id] ?? now
    if AlertRules.isTimed(instance) { timed.insert(id) } else { timed.remove(id) }
    let conditions = AlertRules.conditions(
      of: instance, at: clock, undeliveredFor: undelivered[id].map { now - $0 } ?? 0,
      heldLoad: heldLevel(.load, of: id), thresholds)
    reconcile(Self.ofInstances, of: id, conditions, at: now, clock: clock)
  }

  /// Notes that an instance is not a member any more.
  mutating func forget(_ id: InstanceID, at now: Int64, clock: Timestamp) {
    unlicensed.remove(id)
    undelivered[id] = nil
    timed.remove(id)
    reconcile(Self.ofInstances, of: id, [], at: now, clock: clock)
  }

  /// Takes a whole snapshot.
  mutating func note(
    all snapshot: ClusterSnapshot, at now: Int64, clock: Timestamp, _ thresholds: LoadThresholds
  ) {
    let known = unlicensed.union(undelivered.keys).union(timed)
      .union(current.keys.compactMap(\.instance))
    for id in known where snapshot[id] == nil { forget(id, at: now, clock: clock) }
    for instance in snapshot.instances { note(instance, at: now, clock: clock, thresholds) }
  }

  /// Takes the state of the whole cluster, and what changes with time alone.
  mutating func noteCluster(
    _ snapshot: ClusterSnapshot, _ totals: Totals, at now: Int64, clock: Timestamp,
    _ thresholds: LoadThresholds
  ) {
    let conditions = AlertRules.conditions(
      of: snapshot, totals, unlicensed: unlicensed, heldLoad: heldLevel(.listLoad, of: nil),
      thresholds)
    reconcile(Self.ofCluster, of: nil, conditions, at: now, clock: clock)
    guard now - checkedAt >= Self.checkMilliseconds else { return }
    checkedAt = now
    for id in timed {
      if let instance = snapshot[id] { note(instance, at: now, clock: clock, thresholds) }
    }
    for (key, alert) in current where alert.ended != nil {
      if now - alert.endedAt >= Self.quietMilliseconds { file(key) }
    }
  }

  /// When time alone causes the next alert; nil: it does not, or only after a long while.
  var nextCheckAt: Int64? {
    let due = undelivered.values.min().map { $0 + AlertRules.undeliveredMilliseconds }
    return due.flatMap { $0 > checkedAt ? max($0, checkedAt + Self.checkMilliseconds) : nil }
  }

  mutating func seeAll() {
    guard unseenCount > 0 else { return }
    (unseenCount, unseenLevel) = (0, nil)
    for key in current.keys { current[key]?.isSeen = true }
    for place in past.indices { past[place].isSeen = true }
  }

  /// Whether an alert was reported since the last call. Alerts that exist at the start are not new.
  mutating func takeRaised() -> Bool {
    defer { (isRaised, isBegun) = (false, true) }
    return isRaised && isBegun
  }

  private func heldLevel(_ kind: Alert.Kind, of id: InstanceID?) -> Alert.Level? {
    current[Alert.Key(kind: kind, instance: id)].flatMap { $0.ended == nil ? $0.level : nil }
  }

  /// Updates the alerts of these kinds to the present conditions.
  private mutating func reconcile(
    _ kinds: [Alert.Kind], of id: InstanceID?, _ conditions: [AlertCondition], at now: Int64,
    clock: Timestamp
  ) {
    for condition in conditions { hold(condition, at: now, clock: clock) }
    for kind in kinds where !conditions.contains(where: { $0.key.kind == kind }) {
      let key = Alert.Key(kind: kind, instance: id)
      guard var alert = current[key], alert.ended == nil else { continue }
      (alert.ended, alert.endedAt) = (clock, now)
      current[key] = alert
    }
  }

  private mutating func hold(_ condition: AlertCondition, at now: Int64, clock: Timestamp) {
    let key = condition.key
    if let alert = current[key], alert.ended != nil,
      now - alert.endedAt >= Self.quietMilliseconds
    {
      file(key)
    }
    guard var alert = current[key] else {
      current[key] = Alert(
        key: key, level: condition.level, worst: condition.level, text: condition.text,
        began: condition.since ?? clock)
      tell(condition.level)
      return
    }
    guard alert.ended != nil || alert.level != condition.level || alert.text != condition.text
    else { return }
    (alert.ended, alert.level, alert.text) = (nil, condition.level, condition.text)
    if condition.level > alert.worst {
      alert.worst = condition.level
      if alert.isSeen { alert.isSeen = false } else { unseenCount -= 1 }
      tell(condition.level)
    }
    current[key] = alert
  }

  private mutating func tell(_ level: Alert.Level) {
    unseenCount += 1
    unseenLevel = max(unseenLevel ?? level, level)
    isRaised = true
  }

  /// Moves a resolved alert to the past ones, and forgets the oldest of them.
  private mutating func file(_ key: Alert.Key) {
    guard let alert = current.removeValue(forKey: key) else { return }
    past.append(alert)
    guard past.count > Self.kept else { return }
    if !past.removeFirst().isSeen { unseenCount -= 1 }
    if unseenCount == 0 { unseenLevel = nil }
  }
}
