internal import ClusterModel

/// What the next handshakes would be given, as things stand.
enum HandshakeForecast {
  static let handshakes = 10

  /// How many of the next handshakes each server would be first for.
  ///
  /// Each handshake reserves a place on the first of the list, and counts for those after it. A
  /// reservation only ever moves a server back, so none beyond the first ten gets one of ten. A
  /// server of a slow start gets few, and is counted as getting none.
  ///
  /// - Parameters:
  ///   - list: In the order of the handshake list.
  ///   - balancers: How many times the balancer weighs its own reservations: once for each
  ///     balancer alive, unless it says otherwise.
  static func places(_ list: [InstanceStatus], balancers: Int) -> [InstanceID: Int] {
    var servers = Array(list.prefix(handshakes))
    var places: [InstanceID: Int] = [:]
    func rank(_ instance: InstanceStatus) -> HandshakeRank {
      HandshakeRank(
        id: instance.id, load: instance.load, reservationWeight: max(1, balancers),
        isHeldBack: instance.slowStartUntil != nil)
    }
    for _ in 0..<handshakes {
      guard let first = servers.indices.min(by: { rank(servers[$0]) < rank(servers[$1]) }) else {
        break
      }
      servers[first].load.reserved += 1
      places[servers[first].id, default: 0] += 1
    }
    return places
  }
}

extension Dashboard {
  /// What each of the list would get of the next handshakes.
  func forecast(_ shown: ClusterSnapshot) -> [InstanceID: Int] {
    let list = shown.handshakeList.prefix(HandshakeForecast.handshakes).compactMap { shown[$0] }
    return HandshakeForecast.places(
      list, balancers: shown.balancer.reservationWeight ?? rows.totals.balancers)
  }
}
