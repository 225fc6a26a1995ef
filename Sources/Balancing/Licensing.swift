package import ClusterModel

/// What a balancer makes of a license, by the key that it trusts.
package struct LicenseVerdict: Equatable, Sendable {
  /// The license that was looked at; nil: none yet.
  package var license: License?
  /// Why it is not trusted; nil: it is.
  package var distrust: String?

  package init(_ license: License? = nil, distrust: String? = nil) {
    self.license = license
    self.distrust = distrust
  }

  /// Why this license gives no new seat now; nil: it does, or there is none.
  func distrust(of license: License?) -> String? {
    guard let license else { return nil }
    return license == self.license ? distrust : "it has not been verified yet"
  }
}

extension RegistryContents {
  /// Gives license seats to the servers that registered first, one each, balancers none.
  ///
  /// A seat is held from registration until removal. A freed one goes to the server that has
  /// been without for longest, and fewer seats take them from the latest: both follow from the
  /// order of registration. A server that keeps its seat keeps its number. A license that is
  /// over leaves all seats as they are and lets nobody serve.
  ///
  /// - Parameter distrust: Why the license is not trusted. Then who holds a seat keeps it,
  ///   whatever the license says, and nobody gets one: a balancer with a wrong key stops
  ///   nobody's work, and a license that was altered gains nothing.
  package mutating func assignSeats(distrust: String? = nil) {
    if license == nil || distrust == nil {
      shareSeats()
      setUnlicensedReason(nil)
    }
    if let license, licenseEndedBy != nil { setUnlicensedReason(license.endReason) }
  }

  /// Writes it to every server.
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

  /// The license in one line: what is in force. A license whose grace is over by the clock is
  /// still called grace until the registry has it.
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

  /// Seats that are held. Asked with every event of a load feed: nothing is put in order for it.
  private var seatsUsed: Int {
    instances.values.reduce(0) { $0 + ($1.seat != nil && !$1.isRemoved ? 1 : 0) }
  }
}

extension RegisteredInstance {
  /// It may have a license seat: a member, and no balancer.
  fileprivate var isSeated: Bool { !isRemoved && !role.isLoadBalancer }
}
