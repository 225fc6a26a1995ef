package import ClusterModel

extension RegistryContents {
  /// Gives license seats to the servers that registered first, one each, balancers none.
  ///
  /// A seat is held from registration until removal. A freed one goes to the server that has
  /// been without for longest, and fewer seats take them from the latest: both follow from the
  /// order of registration. A server that keeps its seat keeps its number.
  package mutating func assignSeats() {
    let servers = members.filter { !$0.role.isLoadBalancer }
      .sorted { ($0.registration, $0.id) < ($1.registration, $1.id) }
    let seated = servers.prefix(seats ?? servers.count)
    let total = seated.count
    var taken: Set<Int> = []
    for server in seated {
      guard let seat = server.seat, seat <= total, taken.insert(seat).inserted else {
        instances[server.id]?.seat = nil
        continue
      }
    }
    for server in servers.dropFirst(total) { instances[server.id]?.seat = nil }
    var free = (1...max(total, 1)).lazy.filter { !taken.contains($0) }.makeIterator()
    for server in seated where instances[server.id]?.seat == nil {
      instances[server.id]?.seat = free.next()
    }
  }

  /// The license in one line.
  package var licenseSummary: LicenseSummary {
    LicenseSummary(state: .none, seats: seats, seatsUsed: seatsUsed)
  }

  /// Seats that are held. Asked with every event of a load feed: nothing is put in order for it.
  private var seatsUsed: Int {
    instances.values.reduce(0) { $0 + ($1.seat != nil && !$1.isRemoved ? 1 : 0) }
  }
}
