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
    let others = instances.values.lazy.filter { $0.isSeated && $0.unlicensedReason != reason }
    for id in others.map(\.id) { instances[id]?.unlicensedReason = reason }
  }

  private mutating func shareSeats() {
    func isEarlier(_ one: RegisteredInstance, _ other: RegisteredInstance) -> Bool {
      (one.registration, one.id) < (other.registration, other.id)
    }
    var servers = instances.values.filter(\.isSeated)
    let total = min(servers.count, license?.seats ?? seats ?? servers.count)
    let given = servers.compactMap(\.seat)
    // Nearly always there is one for each, and nobody has another one's: who came first tells
    // nothing then.
    if servers.count > total || Set(given).count < given.count { servers.sort(by: isEarlier) }
    var taken = [Bool](repeating: false, count: total + 1)
    var without: [RegisteredInstance] = []
    for server in servers.prefix(total) {
      if let seat = server.seat, seat >= 1, seat <= total, !taken[seat] {
        taken[seat] = true
      } else {
        without.append(server)
      }
    }
    for server in servers.dropFirst(total) where server.seat != nil {
      instances[server.id]?.seat = nil
    }
    var free = taken.indices.dropFirst().lazy.filter { !taken[$0] }.makeIterator()
    for server in without.sorted(by: isEarlier) { instances[server.id]?.seat = free.next() }
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

extension RegisteredInstance {
  /// It may have a license seat: a member, and no balancer.
  fileprivate var isSeated: Bool { !isRemoved && !role.isLoadBalancer }
}
