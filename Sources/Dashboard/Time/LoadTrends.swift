package import ClusterModel

/// The workload of every instance and its rank in the handshake list over the last minutes, for the
/// sparklines.
///
/// It has one value of each every five seconds, sixty in all: 240 bytes for each instance, however
/// long it runs.
package struct LoadTrends: Equatable, Sendable {
  package static let stepMilliseconds: Int64 = 5_000
  package static let length = 60
  /// The number of values kept for each instance.
  private let length: Int
  /// Whether instances that left are kept, to go back to the time when they were members.
  private let keepsGone: Bool

  /// The shares of the maximum in ten-thousandths, oldest first; `unknown` where the value is
  /// unknown.
  private var values: [InstanceID: [UInt16]] = [:]
  /// The ranks in the list in the same form: the first is 10,000, the last 0, and `unknown` means
  /// not in the list.
  private var placeValues: [InstanceID: [UInt16]] = [:]
  /// The time of the newest value, in monotonic milliseconds; nil before the first.
  private var sampledAt: Int64?

  private static let unknown = UInt16.max

  package init(length: Int = LoadTrends.length, keepsGone: Bool = false) {
    self.length = length
    self.keepsGone = keepsGone
  }

  /// The time of the newest value, in milliseconds; nil before the first.
  package var newestAt: Int64? { sampledAt }

  /// When the next value is due; nil before the first.
  package var nextSampleAt: Int64? { sampledAt.map { $0 + Self.stepMilliseconds } }

  /// The values of one instance, oldest first; a new instance has fewer.
  package func shares(of id: InstanceID) -> [Double?] {
    Self.told(values[id])
  }

  /// The mean of the known values of one instance; nil where there are none.
  package func mean(of id: InstanceID) -> Double? {
    let known = (values[id] ?? []).lazy.filter { $0 != Self.unknown }
    let sum = known.reduce((total: 0, count: 0)) { ($0.total + Int($1), $0.count + 1) }
    return sum.count == 0 ? nil : Double(sum.total) / Double(sum.count) / 10_000
  }

  /// Its ranks in the handshake list, oldest first: 1 is the first, 0 the last, nil means not in
  /// the list.
  package func places(of id: InstanceID) -> [Double?] {
    Self.told(placeValues[id])
  }

  private static func told(_ values: [UInt16]?) -> [Double?] {
    (values ?? []).map { $0 == unknown ? nil : Double($0) / 10_000 }
  }

  /// Takes a value of every instance if one is due. Missed steps are filled with the present
  /// values, since loads change only by events, or are left unknown where the feed was lost.
  ///
  /// - Parameter list: The handshake list.
  package mutating func sample(
    _ instances: [InstanceStatus], list: [InstanceID] = [], at now: Int64, isLive: Bool
  ) {
    let due: Int64
    if let sampledAt {
      due = (now - sampledAt) / Self.stepMilliseconds
      guard due > 0 else { return }
      self.sampledAt = sampledAt + due * Self.stepMilliseconds
    } else {
      due = 1
      sampledAt = now
    }
    let steps = Int(min(due, Int64(length)))
    let places = isLive ? Self.stored(list) : [:]
    for instance in instances {
      let value = isLive ? Self.stored(instance.load) : Self.unknown
      let place = places[instance.id] ?? Self.unknown
      append(Array(repeating: value, count: steps), to: &values[instance.id, default: []])
      append(Array(repeating: place, count: steps), to: &placeValues[instance.id, default: []])
    }
    guard values.count > instances.count else { return }
    let present = Set(instances.map(\.id))
    if !keepsGone { return keep(present) }
    let unknown = Array(repeating: Self.unknown, count: steps)
    for id in Array(values.keys) where !present.contains(id) {
      append(unknown, to: &values[id, default: []])
      append(unknown, to: &placeValues[id, default: []])
      // No value of the time when it was a member is left.
      guard values[id]?.allSatisfy({ $0 == Self.unknown }) ?? true,
        placeValues[id]?.allSatisfy({ $0 == Self.unknown }) ?? true
      else { continue }
      (values[id], placeValues[id]) = (nil, nil)
    }
  }

  private mutating func keep(_ present: Set<InstanceID>) {
    values = values.filter { present.contains($0.key) }
    placeValues = placeValues.filter { present.contains($0.key) }
  }

  /// Forgets the values after a time.
  package mutating func cut(after time: Int64) {
    guard let newest = sampledAt, newest > time else { return }
    let steps = Int((newest - time + Self.stepMilliseconds - 1) / Self.stepMilliseconds)
    sampledAt = newest - Int64(steps) * Self.stepMilliseconds
    func cut(_ kept: [UInt16]) -> [UInt16]? {
      kept.count > steps ? Array(kept.dropLast(steps)) : nil
    }
    values = values.compactMapValues(cut)
    placeValues = placeValues.compactMapValues(cut)
  }

  /// The newest values of these instances, for the sparklines.
  package func recent(of instances: [InstanceStatus]) -> LoadTrends {
    var recent = LoadTrends()
    recent.sampledAt = sampledAt
    for instance in instances {
      recent.values[instance.id] = values[instance.id].map { Array($0.suffix(Self.length)) }
      recent.placeValues[instance.id] = placeValues[instance.id].map {
        Array($0.suffix(Self.length))
      }
    }
    return recent
  }

  /// Puts values of the balancer before those that were seen here.
  package mutating func fill(from history: BalancerHistory) {
    guard history.stepSeconds > 0 else { return }
    for (id, loads) in history.instances {
      let seen = values[id] ?? []
      let wanted = length - seen.count
      guard wanted > 0, !loads.isEmpty else { continue }
      // Steps back from the newest value: each step takes the value of its time.
      var older: [UInt16] = []
      for back in 0..<wanted {
        // The balancer's newest value is as recent as the newest value seen here.
        let age = back + max(0, seen.count - 1)
        let steps = age * Int(Self.stepMilliseconds / 1_000) / history.stepSeconds
        guard steps < loads.count else { break }
        older.append(Self.stored(loads[loads.count - 1 - steps]))
      }
      values[id] = older.reversed() + seen
    }
  }

  private func append(_ new: [UInt16], to kept: inout [UInt16]) {
    kept.append(contentsOf: new)
    if kept.count > length { kept.removeFirst(kept.count - length) }
  }

  private static func stored(_ list: [InstanceID]) -> [InstanceID: UInt16] {
    let last = max(1, list.count - 1)
    let places = list.enumerated().map { ($1, UInt16((last - $0) * 10_000 / last)) }
    return Dictionary(places, uniquingKeysWith: { first, _ in first })
  }

  private static func stored(_ load: Load) -> UInt16 {
    guard let share = load.workload else { return unknown }
    return UInt16(min(6, max(0, share)) * 10_000)
  }
}
