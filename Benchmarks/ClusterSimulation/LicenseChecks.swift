internal import ClusterModel

/// What must hold of license seats.
extension World {
  /// Written out a second time, so that the production's own rule is not its judge.
  func checkSeats(of contents: RegistryContents) {
    let servers = contents.servers
    let seats = servers.map(\.seat)
    let held = seats.prefix { $0 != nil }.compactMap(\.self)
    expect(
      seats.dropFirst(held.count).allSatisfy { $0 == nil }, .seatsByRegistration,
      "in the order of registration the seats are \(seats)")
    let most = contents.license?.seats ?? contents.seats ?? servers.count
    expect(
      held.count <= most, .seatsByRegistration, "\(held.count) seats of \(most) are held")
    expect(
      Set(held).count == held.count && held.allSatisfy { (1...max(1, most)).contains($0) },
      .seatsByRegistration, "the seats are \(held) of \(most)")
    let isOver = contents.licenseEndedBy != nil
    expect(
      !isOver || servers.allSatisfy(\.license.isUnlicensed), .seatsByRegistration,
      "the license is over, and a server may serve")
  }
}

extension RegistryContents {
  /// Members that need a seat, in the order of their registration.
  fileprivate var servers: [RegisteredInstance] {
    members.filter { !$0.role.isLoadBalancer }
      .sorted { ($0.registration, $0.id) < ($1.registration, $1.id) }
  }

  /// A mistake that is made on purpose.
  mutating func seatTheLatest() {
    let servers = servers
    guard let first = servers.first, let last = servers.last, last.seat == nil else { return }
    instances[last.id]?.seat = first.seat
    instances[first.id]?.seat = nil
  }
}
