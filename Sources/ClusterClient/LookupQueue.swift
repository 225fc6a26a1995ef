/// Chooses the names that are looked up next. Every payer has few threads at one time, and some
/// threads are kept for names that have answered before. So names for which nobody answers delay
/// only their own payer.
struct LookupQueue {
  /// The experience with a name.
  enum Trust: Hashable {
    /// It was found before.
    case answered
    case new
    /// Nobody answered the last time.
    case silent
  }

  private struct Lane: Hashable {
    var payer: String
    var trust: Trust
  }

  private struct Names {
    /// The names with the numbers of their lookups. A forgotten name has no number, or another one.
    var queued: [(name: String, number: Int)] = []
    var next = 0
    var running = 0
  }

  private struct Lookup {
    var number: Int
    /// Where it waits. A second owner does not wait behind other names of the first one.
    var lanes: Set<Lane> = []
    /// Where its lookup has begun.
    var running: Lane?
  }

  /// The most lookups at one time: a hanging name server takes at most this many threads.
  static let most = 48
  /// How many of them are for names that have not answered before.
  static let mostUnproven = 32
  /// The most lookups of one payer.
  static let mostAnsweredOfPayer = 8
  static let mostUnprovenOfPayer = 4
  /// The most names that wait.
  static let mostWaiting = 20_000

  private var lookups: [String: Lookup] = [:]
  private var lanes: [Lane: Names] = [:]
  private var nextNumber = 0
  private var running = 0
  private var runningUnproven = 0

  /// Adds a name unless it waits or is being looked up.
  mutating func add(_ name: String, payer: String, _ trust: Trust) {
    let lane = Lane(payer: payer, trust: trust)
    nextNumber += 1
    var lookup = lookups[name] ?? Lookup(number: nextNumber)
    guard lookup.running == nil, !lookup.lanes.contains(lane),
      lookups[name] != nil || lookups.count < Self.mostWaiting
    else { return }
    lookup.lanes.insert(lane)
    lookups[name] = lookup
    var names = lanes[lane] ?? Names()
    if names.queued.count >= 64, names.queued.count > 2 * lookups.count {
      names.queued = names.queued[names.next...].filter { lookups[$0.name]?.number == $0.number }
      names.next = 0
    }
    names.queued.append((name, lookup.number))
    lanes[lane] = names
  }

  /// Call this when nobody waits for the name any more. A lookup that has begun continues.
  mutating func forget(_ name: String) {
    if lookups[name]?.running == nil { lookups[name] = nil }
  }

  /// Call this when the lookup of a name has ended.
  mutating func ended(_ name: String) {
    guard let lane = lookups.removeValue(forKey: name)?.running else { return }
    running -= 1
    if lane.trust != .answered { runningUnproven -= 1 }
    lanes[lane]?.running -= 1
    if let names = lanes[lane], names.running == 0, names.next == names.queued.count {
      lanes[lane] = nil
    }
  }

  /// Takes the names whose lookup begins now: one of each lane in turn.
  mutating func begin() -> [String] {
    var begun: [String] = []
    var count: Int
    repeat {
      count = begun.count
      for lane in Array(lanes.keys) where mayBegin(lane) {
        if let name = next(of: lane) { begun.append(name) }
      }
    } while begun.count > count
    return begun
  }

  private func mayBegin(_ lane: Lane) -> Bool {
    let own = lanes[lane]?.running ?? 0
    guard running < Self.most else { return false }
    guard lane.trust != .answered else { return own < Self.mostAnsweredOfPayer }
    return own < Self.mostUnprovenOfPayer && runningUnproven < Self.mostUnproven
  }

  private mutating func next(of lane: Lane) -> String? {
    guard var names = lanes[lane] else { return nil }
    defer { lanes[lane] = names.running == 0 && names.next == names.queued.count ? nil : names }
    while names.next < names.queued.count {
      let (name, number) = names.queued[names.next]
      names.next += 1
      guard let lookup = lookups[name], lookup.number == number, lookup.running == nil else {
        continue
      }
      lookups[name]?.running = lane
      names.running += 1
      running += 1
      if lane.trust != .answered { runningUnproven += 1 }
      return name
    }
    return nil
  }
}
