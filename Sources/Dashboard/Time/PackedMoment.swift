internal import ClusterModel

/// One moment of the look-back buffer. What it shares with others lies on shelves beside it.
struct PackedMoment: Equatable, Sendable {
  /// What seldom changes, and is not of one instance.
  struct Head: Equatable, Sendable {
    var cluster: String
    var balancer: BalancerStatus
    var license: LicenseSummary
  }

  /// The balancer's clock.
  let at: Timestamp
  /// Monotonic milliseconds.
  let heardAt: Int64
  let sequence: Int64
  let handshakes: HandshakeCount
  /// Its place on the shelf.
  let head: Int
  /// How many instances; for each the place of its status, counted from the one before, and its
  /// load; then the handshake list as places in this row.
  private let numbers: PackedNumbers

  /// - Parameter statusPlaces: Of each instance of the snapshot.
  init(_ snapshot: ClusterSnapshot, heardAt: Int64, head: Int, statusPlaces: [Int]) {
    at = snapshot.at
    self.heardAt = heardAt
    sequence = snapshot.sequence
    handshakes = snapshot.handshakes
    self.head = head
    var numbers = PackedNumbers()
    numbers.append(statusPlaces.count)
    var expected = 0
    for (instance, place) in zip(snapshot.instances, statusPlaces) {
      // Neighbours in the row mostly are neighbours on the shelf: then this is a zero.
      let distance = place - expected
      numbers.append(distance >= 0 ? distance << 1 : (-distance << 1) - 1)
      numbers.append(instance.load.connected)
      numbers.append(instance.load.reserved)
      expected = place + 1
    }
    for id in snapshot.handshakeList {
      if let place = snapshot.instances.place(of: id) { numbers.append(place) }
    }
    numbers.trim()
    self.numbers = numbers
  }

  /// Memory beside the value itself.
  var bytes: Int { numbers.bytes.capacity + 32 }

  var statusPlaces: [Int] { rows.map(\.place) }

  /// The instances with their loads, and the handshake list.
  ///
  /// - Parameter status: What lies at a place of the shelf.
  func unpacked(_ status: (Int) -> InstanceStatus?) -> ([InstanceStatus], [InstanceID]) {
    var reader = numbers.reader
    let instances = Self.rows(&reader).compactMap { row in
      status(row.place).map { status in
        var instance = status
        instance.load.connected = row.connected
        instance.load.reserved = row.reserved
        return instance
      }
    }
    var list: [InstanceID] = []
    while let place = reader.next() {
      if instances.indices.contains(place) { list.append(instances[place].id) }
    }
    return (instances, list)
  }

  private typealias Row = (place: Int, connected: Int, reserved: Int)

  private var rows: [Row] {
    var reader = numbers.reader
    return Self.rows(&reader)
  }

  private static func rows(_ reader: inout PackedNumbers.Reader) -> [Row] {
    let count = reader.next() ?? 0
    var rows: [Row] = []
    rows.reserveCapacity(count)
    var expected = 0
    while rows.count < count, let distance = reader.next(), let connected = reader.next(),
      let reserved = reader.next()
    {
      let place = expected + (distance & 1 == 0 ? distance >> 1 : -((distance + 1) >> 1))
      rows.append((place, connected, reserved))
      expected = place + 1
    }
    return rows
  }
}

extension [InstanceStatus] {
  /// The place of an id in a row that ascends by id; nil where it is not there.
  fileprivate func place(of id: InstanceID) -> Int? {
    let place = prefixCount { $0.id < id }
    return place < count && self[place].id == id ? place : nil
  }
}

// MARK: - What texts cost

extension PackedMoment.Head {
  var textBytes: Int {
    [cluster, balancer.version, balancer.registry.kind, license.holder ?? "",
      license.state.unrecognized ?? ""].heapBytes
      + [balancer.id.text].heapBytes
  }
}

extension InstanceStatus {
  /// Memory of its texts beside the value itself.
  var textBytes: Int {
    texts.compactMap { $0 }.heapBytes
  }
}

extension ActionRecord {
  /// Memory of its texts beside the value itself.
  var textBytes: Int {
    [actor, actorKind?.rawValue, instance?.text, reason, result, action.unrecognized]
      .compactMap { $0 }.heapBytes
  }
}

extension [String] {
  /// Up to 15 bytes lie in the value itself; longer ones in an allocation of their own.
  fileprivate var heapBytes: Int {
    reduce(0) { $1.utf8.count > 15 ? $0 + $1.utf8.count + 48 : $0 }
  }
}
