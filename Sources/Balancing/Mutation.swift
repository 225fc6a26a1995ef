package import ClusterModel

/// A change of what is configured, asked for by an operator or an instance.
package enum Mutation: Equatable, Sendable {
  case join(InstanceID, Joining)
  /// What an instance said of itself, and the registry did not know.
  case described(InstanceID, InstanceProfile)
  /// A removed instance asked to join.
  case asked(InstanceID)
  /// A join was refused, with these words: nothing changes but the log.
  case refusedJoin(InstanceID, result: String)
  /// What an operator orders, but for a license, whose signature is looked at before (`license`),
  /// and the end of a session, which its instance carries out.
  case command(OperatorCommand)
  /// The instance has restarted, and with that the drain is over that began then and was to last
  /// until a restart. Any other drain stays.
  case restarted(InstanceID, drain: Timestamp)
  /// The instance obeys this revision, of which the registry knows nothing: it was restored from
  /// an older copy, and must go past it to be obeyed again.
  ///
  /// With a digest: the registry knows of the number, and of other words with it.
  case pass(InstanceID, revision: Int64, digest: String? = nil)
  /// A license that the named balancer has verified; nil: none any more.
  case license(License?, by: InstanceID)
  /// Time has passed, or the license was verified: what it gives is looked at again.
  case reviewLicense(by: InstanceID)

  /// The instances it names.
  package var ids: [InstanceID] {
    switch self {
    case .join(let id, _), .described(let id, _), .asked(let id), .refusedJoin(let id, _),
      .restarted(let id, _), .pass(let id, _, _):
      [id]
    case .command(let command): command.ids
    case .license, .reviewLicense: []
    }
  }
}

/// What an instance says of itself when it joins.
package struct Joining: Equatable, Sendable {
  package var reach: InstanceReach
  package var profile: InstanceProfile
  /// Who asks in its name: the token that was shown, or `local` over the Unix socket.
  package var asker: InstanceOwner

  package init(
    reach: InstanceReach, profile: InstanceProfile, asker: InstanceOwner = .local
  ) {
    self.reach = reach
    self.profile = profile
    self.asker = asker
  }
}

/// Why a change is not made. Nothing was changed.
package enum MutationRefusal: Error, Equatable, Sendable {
  case unknown(InstanceID)
  case exists(InstanceID)
  /// A member has this id but for the case of its letters.
  case twin(InstanceID, of: InstanceID)
  /// The id belongs to another token, or to the machine's own users.
  case notOwner(InstanceID, InstanceOwner)
  /// The token that asks has ended meanwhile.
  case tokenEnded
  /// The token of this name owns as many ids as it may.
  case tooManyInstances(ofToken: String, Int)
  /// The cluster has as many members as it may.
  case clusterIsFull(Int)
  /// The address belongs to another instance.
  case addressTaken(Address, by: InstanceID)
  /// The address stands for no single machine.
  case sharedAddress(Address)
  /// The instance still answers at its old address.
  case aliveElsewhere(InstanceID, Address)
  case removed(InstanceID)
  /// Balancers take no clients: there is nothing to drain, enable or limit.
  case loadBalancer(InstanceID)
  case otherRole(InstanceID, Role)
  /// Nil: how many sessions are left is not known.
  case notDrained(InstanceID, left: Int?)
  case stillRunning(InstanceID)
  /// It is not a command on which the registry decides: a license that nobody has verified, or the
  /// end of a session.
  case notDecidedHere
  /// The cluster's own number of seats counts only without a license.
  case licenseHolds
  case needsAcknowledgement([ImpactWarning])
}

/// What a balancer observes, as far as decisions need it.
package struct LiveView: Equatable, Sendable {
  package struct Instance: Equatable, Sendable {
    package var health: Health
    package var connected: Int
    /// `connected` is what it has told, and not what is left of before it fell silent.
    package var isCounted: Bool
    package var ownMaximum: Int
    /// It has said who it is at the address of its row, however long ago.
    package var wasHeard: Bool
    /// What it says of the application behind it.
    package var application: ApplicationStatus?

    package init(
      health: Health, connected: Int, isCounted: Bool, ownMaximum: Int, wasHeard: Bool = false,
      application: ApplicationStatus? = nil
    ) {
      self.wasHeard = wasHeard
      self.application = application
      self.health = health
      self.connected = connected
      self.isCounted = isCounted
      self.ownMaximum = ownMaximum
    }
  }

  package var instances: [InstanceID: Instance]

  package init(instances: [InstanceID: Instance] = [:]) {
    self.instances = instances
  }

  func connected(_ id: InstanceID) -> Int { instances[id]?.connected ?? 0 }

  /// Its open sessions; nil where nobody here knows.
  func counted(_ id: InstanceID) -> Int? {
    instances[id].flatMap { $0.isCounted ? $0.connected : nil }
  }

  func isAlive(_ id: InstanceID) -> Bool { instances[id]?.health == .alive }

  /// Somebody has shown that the address of this row is its own.
  func isProven(_ id: InstanceID) -> Bool { isAlive(id) || instances[id]?.wasHeard == true }
}

extension Balancer {
  /// What this balancer observes now.
  package var liveView: LiveView {
    // Whatever changes an instance says so with `touch`.
    assert(live == instances.mapValues(LiveView.Instance.init))
    return LiveView(instances: live)
  }
}

extension LiveView.Instance {
  init(_ instance: BalancedInstance) {
    self.init(
      health: instance.health, connected: instance.connected,
      isCounted: instance.isCounted, ownMaximum: instance.ownMaximum,
      wasHeard: instance.heardAt == instance.registered.address,
      application: instance.application)
  }
}
