/// The difference between two snapshots of one balancer.
public struct ClusterChange: Equatable, Sendable {
  /// The sequence number of the new snapshot.
  public var sequence: Int64
  /// The time of the change, by the balancer's clock.
  public var at: Timestamp
  /// Complete rows of instances that are new, or in which more than the load changed.
  public var instances: [InstanceStatus] = []
  /// Instances in which only the load changed.
  public var loads: [LoadChange] = []
  /// Instances that are not members any more.
  public var removed: [InstanceID] = []
  /// The moves that lead from the old handshake list to the new one.
  public var moves: [ListMove] = []
  /// The status of the balancer; nil where it did not change.
  public var balancer: BalancerStatus?
  /// The license; nil where it did not change.
  public var license: LicenseSummary?
  /// The handshakes; nil where they did not change.
  public var handshakes: HandshakeCount?

  public init(sequence: Int64, at: Timestamp) {
    self.sequence = sequence
    self.at = at
  }

  /// Whether nothing changed but the time and the number.
  public var isEmpty: Bool {
    instances.isEmpty && loads.isEmpty && removed.isEmpty && moves.isEmpty && balancer == nil
      && license == nil && handshakes == nil
  }
}

/// The load of one instance. On the wire: `["AOS04",connected,reserved,maximum]`, and after these
/// the sessions without notices, where there are any.
public struct LoadChange: Hashable, Sendable {
  /// The instance.
  public var id: InstanceID
  /// Its new load.
  public var load: Load

  public init(id: InstanceID, load: Load) {
    self.id = id
    self.load = load
  }
}

/// The new position of one instance in the handshake list. On the wire: `["AOS04",0]`; −1 stands
/// for an instance that left the list.
public struct ListMove: Hashable, Sendable {
  /// The instance.
  public var id: InstanceID
  /// The position, counted from 0 in the new list; nil where the instance left the list.
  public var position: Int?

  public init(id: InstanceID, position: Int?) {
    self.id = id
    self.position = position
  }
}

extension ClusterSnapshot {
  /// Applies a change. Balancers and dashboards use the same function.
  ///
  /// First every named id leaves the list. Then each goes to its position, in the order of the
  /// array.
  public mutating func apply(_ change: ClusterChange) {
    sequence = change.sequence
    at = change.at
    for id in change.removed { remove(id) }
    for instance in change.instances { insert(instance) }
    for entry in change.loads { setLoad(entry.load, of: entry.id) }
    handshakeList.apply(change.moves)
    balancer = change.balancer ?? balancer
    license = change.license ?? license
    handshakes = change.handshakes ?? handshakes
  }
}

extension [InstanceID] {
  /// Applies moves. A position beyond the end, which no balancer sends, means the end.
  mutating func apply(_ moves: [ListMove]) {
    guard !moves.isEmpty else { return }
    let named = Set(moves.map(\.id))
    removeAll { named.contains($0) }
    if moves.count > Self.fewMoves, merge(moves) { return }
    for move in moves {
      guard let position = move.position else { continue }
      insert(move.id, at: Swift.min(Swift.max(position, 0), count))
    }
  }

  /// Up to this many moves it is quicker to insert each id than to write the list again.
  private static let fewMoves = 16

  /// Applies many moves in one pass, which works because their positions rise.
  ///
  /// - Returns: False where the positions do not rise; then nothing is done.
  private mutating func merge(_ moves: [ListMove]) -> Bool {
    let placed = moves.compactMap { move in move.position.map { (id: move.id, position: $0) } }
    guard placed.first?.position ?? 0 >= 0,
      zip(placed, placed.dropFirst()).allSatisfy({ $0.position < $1.position })
    else { return false }
    var merged: [InstanceID] = []
    merged.reserveCapacity(count + placed.count)
    var rest = self[...]
    for (id, position) in placed {
      let passed = rest.prefix(Swift.max(0, position - merged.count))
      merged += passed
      rest = rest.dropFirst(passed.count)
      merged.append(id)
    }
    self = merged + rest
    return true
  }
}

extension ClusterChange {
  /// The change from one snapshot to the next: `old.apply(change)` gives `new`, except for the
  /// actions.
  public init(from old: ClusterSnapshot, to new: ClusterSnapshot) {
    self.init(sequence: new.sequence, at: new.at)
    for instance in new.instances {
      guard var before = old[instance.id] else {
        instances.append(instance)
        continue
      }
      guard before != instance else { continue }
      before.load = instance.load
      if before == instance {
        loads.append(LoadChange(id: instance.id, load: instance.load))
      } else {
        instances.append(instance)
      }
    }
    removed = old.instances.map(\.id).filter { new[$0] == nil }
    moves = ListMove.moves(from: old.handshakeList, to: new.handshakeList)
    if old.balancer != new.balancer { balancer = new.balancer }
    if old.license != new.license { license = new.license }
    if old.handshakes != new.handshakes { handshakes = new.handshakes }
  }
}

extension ListMove {
  /// The fewest moves that turn one list into the other: all ids except a longest sequence that
  /// keeps its order. O(n log n), where n counts the ids between the common start and the common
  /// end.
  public static func moves(from old: [InstanceID], to new: [InstanceID]) -> [ListMove] {
    let shorter = min(old.count, new.count)
    var head = 0
    while head < shorter, old[head] == new[head] { head += 1 }
    guard head < max(old.count, new.count) else { return [] }
    var tail = 0
    while tail < shorter - head, old[old.count - 1 - tail] == new[new.count - 1 - tail] {
      tail += 1
    }
    let (left, came) = (old[head..<old.count - tail], new[head..<new.count - tail])
    var oldPlaces: [InstanceID: Int] = [:]
    for (place, id) in left.enumerated() { oldPlaces[id] = place }
    let kept = longestRise(in: came.map { oldPlaces[$0] })
    var moves: [ListMove] = []
    for (place, id) in came.enumerated() where !kept.contains(place) {
      moves.append(ListMove(id: id, position: head + place))
    }
    let present = Set(came)
    for id in left where !present.contains(id) { moves.append(ListMove(id: id, position: nil)) }
    return moves
  }

  /// The indices of a longest rising subsequence, without nils (patience sorting).
  private static func longestRise(in values: [Int?]) -> Set<Int> {
    var tops: [Int] = []  // place of the smallest end of a rise of each length
    var previous = [Int?](repeating: nil, count: values.count)
    for (place, value) in values.enumerated() {
      guard let value else { continue }
      let length = tops.prefixCount { values[$0]! < value }
      previous[place] = length > 0 ? tops[length - 1] : nil
      if length == tops.count { tops.append(place) } else { tops[length] = place }
    }
    var kept: Set<Int> = []
    var next = tops.last
    while let place = next {
      kept.insert(place)
      next = previous[place]
    }
    return kept
  }
}

// MARK: - Wire

extension ClusterChange: Codable {
  private enum Key: String, CodingKey {
    case sequence, at, instances, loads, removed, moves, balancer, license, handshakes
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    sequence = try values.decodeRevision(forKey: .sequence)
    at = try values.decode(Timestamp.self, forKey: .at)
    instances = try values.decodeIfPresent([InstanceStatus].self, forKey: .instances) ?? []
    loads = try values.decodeIfPresent([LoadChange].self, forKey: .loads) ?? []
    removed = try values.decodeIfPresent([InstanceID].self, forKey: .removed) ?? []
    moves = try values.decodeIfPresent([ListMove].self, forKey: .moves) ?? []
    balancer = try values.decodeIfPresent(BalancerStatus.self, forKey: .balancer)
    license = try values.decodeIfPresent(LicenseSummary.self, forKey: .license)
    handshakes = try values.decodeIfPresent(HandshakeCount.self, forKey: .handshakes)
  }

  /// The four lists are always written, the three single values only when they changed.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(sequence, forKey: .sequence)
    try values.encode(at, forKey: .at)
    try values.encode(instances, forKey: .instances)
    try values.encode(loads, forKey: .loads)
    try values.encode(removed, forKey: .removed)
    try values.encode(moves, forKey: .moves)
    try values.encodeIfPresent(balancer, forKey: .balancer)
    try values.encodeIfPresent(license, forKey: .license)
    try values.encodeIfPresent(handshakes, forKey: .handshakes)
  }
}

extension LoadChange: Codable {
  public init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    id = try values.decode(InstanceID.self)
    load = Load(
      connected: try values.decodeCount(), reserved: try values.decodeCount(),
      maximum: try values.decodeCount())
    if !values.isAtEnd { load.withoutNotices = try values.decodeCount() }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    try values.encode(id)
    try values.encode(load.connected)
    try values.encode(load.reserved)
    try values.encode(load.maximum)
    if load.withoutNotices > 0 { try values.encode(load.withoutNotices) }
  }
}

extension ListMove: Codable {
  public init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    id = try values.decode(InstanceID.self)
    let number = try values.decode(Int.self)
    position = number < 0 ? nil : number
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    try values.encode(id)
    try values.encode(position ?? -1)
  }
}

extension UnkeyedDecodingContainer {
  /// A count from outside: 0 to 1,000,000,000, so that no sum or product of two counts overflows.
  fileprivate mutating func decodeCount() throws -> Int {
    let count = try decode(Int.self)
    guard (0...1_000_000_000).contains(count) else {
      throw DecodingError.dataCorruptedError(
        in: self, debugDescription: "not a count from 0 to 1000000000")
    }
    return count
  }
}
