internal import ClusterModel

/// What is remembered of current drains, and of those that ended unseen.
struct DrainWatch: Equatable, Sendable {
  private struct Sample: Equatable {
    /// Monotonic milliseconds.
    var at: Int64
    var left: Int
  }

  /// Drains that had sessions left in the last report.
  private var samples: [InstanceID: [Sample]] = [:]
  /// Drained instances at which no operator has looked since.
  private(set) var unseen: Set<InstanceID> = []
  /// When the last session left, by the balancer's clock.
  private var ends: [InstanceID: Timestamp] = [:]

  private static let stepMilliseconds: Int64 = 5_000
  /// How many minutes the rate covers.
  private static let keptMilliseconds: Int64 = 300_000

  /// Takes the present state of an instance.
  ///
  /// - Parameter clock: The balancer's clock; nil where the state may be older.
  mutating func note(_ instance: InstanceStatus, at now: Int64, clock: Timestamp?) {
    switch instance.state {
    case .draining(let left):
      unseen.remove(instance.id)
      ends[instance.id] = nil
      note(left, of: instance.id, at: now)
    case .drained:
      guard samples.removeValue(forKey: instance.id) != nil else { return }
      unseen.insert(instance.id)
      ends[instance.id] = clock
    // Its sessions may still exist; this is not known.
    case .unreachable: break
    default: forget(instance.id)
    }
  }

  /// Time has passed: even an unchanged number is worth a sample.
  mutating func sample(_ snapshot: ClusterSnapshot, at now: Int64) {
    for id in samples.keys {
      if let instance = snapshot[id] { note(instance, at: now, clock: nil) } else { forget(id) }
    }
    for id in unseen.union(ends.keys) where snapshot[id] == nil { forget(id) }
  }

  private mutating func note(_ left: Int, of id: InstanceID, at now: Int64) {
    var kept = samples[id] ?? []
    if let last = kept.last, now - last.at < Self.stepMilliseconds { return }
    kept.append(Sample(at: now, left: left))
    kept.removeAll { now - $0.at > Self.keptMilliseconds }
    samples[id] = kept
  }

  /// Puts values of the balancer before those that were seen here.
  mutating func fill(from history: BalancerHistory, at now: Int64) {
    let step = Int64(history.stepSeconds) * 1_000
    guard step > 0 else { return }
    for (id, seen) in samples {
      guard let loads = history.instances[id], let first = seen.first else { continue }
      let older = loads.enumerated().map { index, load in
        Sample(at: now - Int64(loads.count - 1 - index) * step, left: load.connected)
      }
      samples[id] =
        older.filter { $0.at < first.at && now - $0.at <= Self.keptMilliseconds } + seen
    }
  }

  /// Finds since when drained instances are empty that were so at the start, to a step of the
  /// balancer's values.
  mutating func recall(
    _ instances: [InstanceStatus], from history: BalancerHistory, clock: Timestamp
  ) {
    for instance in instances where instance.state == .drained && ends[instance.id] == nil {
      let loads = history.instances[instance.id] ?? []
      guard let last = loads.lastIndex(where: { $0.connected > 0 }) else { continue }
      let steps = Int64(loads.count - 2 - last)
      guard steps >= 0 else { continue }
      ends[instance.id] = clock.adding(milliseconds: -steps * Int64(history.stepSeconds) * 1_000)
    }
  }

  mutating func forget(_ id: InstanceID) {
    samples[id] = nil
    ends[id] = nil
    unseen.remove(id)
  }

  mutating func see(_ id: InstanceID) { unseen.remove(id) }
  mutating func seeAll() { unseen = [] }

  func progress(of instance: InstanceStatus, at now: Int64, clock: Timestamp) -> DrainProgress? {
    guard let drain = instance.drain else { return nil }
    let elapsed = clock.milliseconds(since: drain.startedAt)
    // A sample from before the drain says nothing about it.
    let first = samples[instance.id]?.first { now - $0.at <= elapsed }
    let earlier = first.flatMap { sample in
      elapsed > Self.keptMilliseconds && now - sample.at >= 30_000
        ? (left: sample.left, milliseconds: now - sample.at) : nil
    }
    return DrainProgress(
      drain, left: instance.load.connected, at: clock, earlier: earlier,
      ended: ends[instance.id])
  }
}

extension Dashboard {
  /// The operator pressed a key, so the instance under the cursor or in the details was seen.
  mutating func seeDrained() {
    var looked = selected
    if case .detail(let id, _) = overlay { looked = id }
    guard let looked, picture.drains.unseen.contains(looked) else { return }
    feed.picture.drains.see(looked)
    held?.drains.see(looked)
  }
}
