/// The whole cluster as one balancer sees it at one moment.
public struct ClusterSnapshot: Equatable, Sendable {
  /// The name of the cluster.
  public var cluster: String
  /// The number of changes of this balancer process so far.
  public var sequence: Int64
  /// When the snapshot was made, by the balancer's clock.
  public var at: Timestamp
  /// The balancer that made the snapshot.
  public var balancer: BalancerStatus
  /// The license of the cluster.
  public var license: LicenseSummary
  /// The handshakes that this balancer answered.
  public var handshakes: HandshakeCount
  /// The instances, ascending by id; each id occurs once.
  public private(set) var instances: [InstanceStatus]
  /// The list for a client of kind `client`.
  public var handshakeList: [InstanceID]
  /// The last actions, newest first; at most `actionsKept`.
  public var actions: [ActionRecord]
  /// The last events, newest first; at most `eventsKept`.
  public var events: [ClusterEvent]

  /// How many actions a snapshot carries.
  public static let actionsKept = 50
  /// How many events a snapshot carries.
  public static let eventsKept = 50

  public init(
    cluster: String, sequence: Int64, at: Timestamp, balancer: BalancerStatus,
    license: LicenseSummary, handshakes: HandshakeCount, instances: [InstanceStatus],
    handshakeList: [InstanceID], actions: [ActionRecord], events: [ClusterEvent] = []
  ) {
    self.cluster = cluster
    self.sequence = sequence
    self.at = at
    self.balancer = balancer
    self.license = license
    self.handshakes = handshakes
    var byID: [InstanceID: InstanceStatus] = [:]
    for instance in instances { byID[instance.id] = instance }
    self.instances = byID.values.sorted { $0.id < $1.id }
    self.handshakeList = handshakeList
    self.actions = actions
    self.events = []
    for event in events.prefix(Self.eventsKept) { append(event) }
  }

  /// The instance with that id, found by binary search.
  public subscript(id: InstanceID) -> InstanceStatus? {
    let place = place(of: id)
    return place < instances.count && instances[place].id == id ? instances[place] : nil
  }

  /// Every instance that is not in the list, with one reason, ascending by id.
  public var excluded: [ExcludedInstance] {
    instances.compactMap { instance in
      instance.exclusion.map { ExcludedInstance(id: instance.id, reason: $0) }
    }
  }

  /// Inserts an instance, or replaces the one with the same id.
  public mutating func insert(_ instance: InstanceStatus) {
    let place = place(of: instance.id)
    if place < instances.count, instances[place].id == instance.id {
      instances[place] = instance
    } else {
      instances.insert(instance, at: place)
    }
  }

  /// Removes an instance if there is one. The handshake list does not change.
  public mutating func remove(_ id: InstanceID) {
    let place = place(of: id)
    if place < instances.count, instances[place].id == id { instances.remove(at: place) }
  }

  /// Changes only the load of an instance, if there is one.
  public mutating func setLoad(_ load: Load, of id: InstanceID) {
    let place = place(of: id)
    if place < instances.count, instances[place].id == id { instances[place].load = load }
  }

  /// Puts an action on top unless it is known already, and removes the oldest.
  public mutating func append(_ action: ActionRecord) {
    if let known = actions.firstIndex(where: { $0.id == action.id }) {
      actions[known] = action
      return
    }
    let place = actions.firstIndex { $0.id < action.id } ?? actions.count
    actions.insert(action, at: place)
    if actions.count > Self.actionsKept { actions.removeLast() }
  }

  /// Inserts an event or replaces the one that it repeats, and removes the oldest.
  public mutating func append(_ event: ClusterEvent) {
    if let known = events.firstIndex(where: { $0.name == event.name }) {
      // A repeated event now has its number, or comes from a balancer that saw it later.
      guard !events[known].isNewer(than: event) || events[known].id == nil else { return }
      events.remove(at: known)
    }
    let place = events.firstIndex { event.isNewer(than: $0) } ?? events.count
    events.insert(event, at: place)
    if events.count > Self.eventsKept { events.removeLast() }
  }

  /// The index of the first instance whose id is not smaller.
  private func place(of id: InstanceID) -> Int { instances.prefixCount { $0.id < id } }
}

/// An instance that is not in the handshake list.
public struct ExcludedInstance: Hashable, Codable, Sendable {
  /// The instance.
  public var id: InstanceID
  /// The first reason that keeps it out of the list.
  public var reason: OpenEnum<Exclusion>

  public init(id: InstanceID, reason: OpenEnum<Exclusion>) {
    self.id = id
    self.reason = reason
  }
}

// MARK: - Wire

extension ClusterSnapshot: Codable {
  private enum Key: String, CodingKey {
    case cluster, sequence, at, balancer, license, handshakes, instances, handshakeList
    case excluded, actions, events
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    self.init(
      cluster: PlainText.cut(try values.decode(String.self, forKey: .cluster)),
      sequence: try values.decodeRevision(forKey: .sequence),
      at: try values.decode(Timestamp.self, forKey: .at),
      balancer: try values.decode(BalancerStatus.self, forKey: .balancer),
      license: try values.decode(LicenseSummary.self, forKey: .license),
      handshakes: try values.decode(HandshakeCount.self, forKey: .handshakes),
      instances: try values.decode([InstanceStatus].self, forKey: .instances),
      handshakeList: try values.decode([InstanceID].self, forKey: .handshakeList),
      actions: try values.decodeIfPresent([ActionRecord].self, forKey: .actions) ?? [],
      events: try values.decodeIfPresent([ClusterEvent].self, forKey: .events) ?? [])
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(cluster, forKey: .cluster)
    try values.encode(sequence, forKey: .sequence)
    try values.encode(at, forKey: .at)
    try values.encode(balancer, forKey: .balancer)
    try values.encode(license, forKey: .license)
    try values.encode(handshakes, forKey: .handshakes)
    try values.encode(instances, forKey: .instances)
    try values.encode(handshakeList, forKey: .handshakeList)
    try values.encode(excluded, forKey: .excluded)
    try values.encode(actions, forKey: .actions)
    try values.encode(events, forKey: .events)
  }
}
