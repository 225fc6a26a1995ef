package import ClusterModel

/// The result of a license check with the key that a balancer trusts.
package struct LicenseVerdict: Equatable, Sendable {
  /// The license that was checked; nil: none yet.
  package var license: License?
  /// Why it is not trusted; nil: it is.
  package var distrust: String?

  package init(_ license: License? = nil, distrust: String? = nil) {
    self.license = license
    self.distrust = distrust
  }

  /// Why this license gives no new seats now; nil: it does, or there is none.
  func distrust(of license: License?) -> String? {
    guard let license else { return nil }
    return license == self.license ? distrust : "it has not been verified yet"
  }
}

extension RegistryContents {
  /// Gives license seats to the servers that registered first, one to each; balancers need none.
  ///
  /// A server keeps its seat from registration until removal, and with the same number. A free seat
  /// goes to the server that has waited longest. If there are fewer seats, the latest servers lose
  /// theirs. Both follow from the order of registration. When a license is over, all servers keep
  /// their seats and none may serve.
  ///
  /// - Parameter distrust: Why the license is not trusted. Then every server keeps its seat,
  ///   whatever the license says, and none gets a new one. So a balancer with a wrong key stops
  ///   nobody's work, and an altered license gains nothing.
  package mutating func assignSeats(distrust: String? = nil) {
    if license == nil || distrust == nil {
      shareSeats()
      setUnlicensedReason(nil)
    }
    if let license, licenseEndedBy != nil { setUnlicensedReason(license.endReason) }
  }

  /// Sets this for every server.
  mutating func setUnlicensedReason(_ reason: String?) {
    for server in servers where server.unlicensedReason != reason {
      instances[server.id]?.unlicensedReason = reason
    }
  }

  private var servers: [RegisteredInstance] {
    instances.values.filter { !$0.isRemoved && !$0.role.isLoadBalancer }
  }

  private mutating func shareSeats() {
    let servers = servers.map { (registration: $0.registration, id: $0.id, seat: $0.seat) }
      .sorted { ($0.registration, $0.id) < ($1.registration, $1.id) }
    let seated = servers.prefix(license?.seats ?? seats ?? servers.count)
    let total = seated.count
    var taken: Set<Int> = []
    var without: [InstanceID] = []
    for server in seated {
      if let seat = server.seat, seat <= total, taken.insert(seat).inserted { continue }
      without.append(server.id)
    }
    for server in servers.dropFirst(total) where server.seat != nil {
      instances[server.id]?.seat = nil
    }
    var free = (1...max(total, 1)).lazy.filter { !taken.contains($0) }.makeIterator()
    for id in without { instances[id]?.seat = free.next() }
  }

  /// The license in one line. A license whose grace period is over by the clock stays in the state
  /// grace until the registry has stored the end.
  package func licenseSummary(
    _ verdict: LicenseVerdict = LicenseVerdict(), at now: Timestamp
  ) -> LicenseSummary {
    let used = seatsUsed
    guard let license else { return LicenseSummary(state: .none, seats: seats, seatsUsed: used) }
    var summary = LicenseSummary(
      state: license.state(at: now), holder: license.holder, seats: license.seats,
      seatsUsed: used, expiresAt: license.expiresAt)
    if licenseEndedBy != nil {
      summary.state = .known(.expired)
    } else if verdict.license == license, let distrust = verdict.distrust {
      summary.state = .known(.invalid)
      summary.reason = distrust
    } else if summary.state == .expired {
      summary.state = .known(.grace)
    }
    return summary
  }

  /// The number of seats in use. It is computed with every event of a load feed, so nothing is
  /// sorted for it.
  private var seatsUsed: Int {
    instances.values.reduce(0) { $0 + ($1.seat != nil && !$1.isRemoved ? 1 : 0) }
  }
}
