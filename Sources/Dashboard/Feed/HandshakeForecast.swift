internal import ClusterModel

/// What the next handshakes would return in the present state.
enum HandshakeForecast {
  static let handshakes = 10

  /// For how many of the next handshakes each server would be the first.
  ///
  /// Each handshake reserves a place on the first server of the list, which counts for the next
  /// ones. A reservation only moves a server back, so a server beyond the first ten gets none of
  /// ten. A server in its slow start gets few and counts as getting none.
  ///
  /// - Parameters:
  ///   - list: In the order of the handshake list.
  ///   - balancers: How many times the balancer counts its own reservations: once for each living
  ///     balancer, unless it says otherwise.
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
  /// How many of the next handshakes each server of the list would get.
  func forecast(_ shown: ClusterSnapshot) -> [InstanceID: Int] {
    let list = shown.handshakeList.prefix(HandshakeForecast.handshakes).compactMap { shown[$0] }
    return HandshakeForecast.places(
      list, balancers: shown.balancer.reservationWeight ?? rows.totals.balancers)
  }
}
