package import ClusterModel

/// A change of the configuration that an operator or an instance asked for.
package enum Mutation: Equatable, Sendable {
  case join(InstanceID, Joining)
  /// An instance reported a profile that the registry does not have.
  case described(InstanceID, InstanceProfile)
  /// A removed instance asked to join.
  case asked(InstanceID)
  /// A join was refused with these words: only the log changes.
  case refusedJoin(InstanceID, result: String)
  /// A command of an operator, except for a license, whose signature is checked before (`license`),
  /// and for the end of a session, which its instance carries out.
  case command(OperatorCommand)
  /// The instance has restarted, which ends the drain that began then and was to last until a
  /// restart. Any other drain stays.
  case restarted(InstanceID, drain: Timestamp)
  /// The instance obeys this revision, which the registry does not have: the registry was restored
  /// from an older copy, and must raise its number to be obeyed again.
  ///
  /// With a digest: the registry has the number, but with other contents.
  case pass(InstanceID, revision: Int64, digest: String? = nil)
  /// A license that the named balancer has verified; nil: no license any more.
  case license(License?, by: InstanceID)
  /// Time has passed, or the license was verified: decide again what it allows.
  case reviewLicense(by: InstanceID)

  /// The instances that it names.
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

/// The data that an instance sends when it joins.
package struct Joining: Equatable, Sendable {
  package var reach: InstanceReach
  package var profile: InstanceProfile
  /// The asker: the token that was sent, or `local` over the Unix socket.
  package var asker: InstanceOwner

  package init(
    reach: InstanceReach, profile: InstanceProfile, asker: InstanceOwner = .local
  ) {
    self.reach = reach
    self.profile = profile
    self.asker = asker
  }
}

/// Why a change was refused. Nothing was changed.
package enum MutationRefusal: Error, Equatable, Sendable {
  case unknown(InstanceID)
  case exists(InstanceID)
  /// A member has the same id except for case.
  case twin(InstanceID, of: InstanceID)
  /// The id belongs to another token, or to the users of the machine.
  case notOwner(InstanceID, InstanceOwner)
  /// The token of the asker has ended meanwhile.
  case tokenEnded
  /// The token of this name owns as many ids as it may.
  case tooManyInstances(ofToken: String, Int)
  /// The cluster has as many members as it may.
  case clusterIsFull(Int)
  /// The address belongs to another instance.
  case addressTaken(Address, by: InstanceID)
  /// The address names no single machine.
  case sharedAddress(Address)
  /// The instance still answers at its old address.
  case aliveElsewhere(InstanceID, Address)
  case removed(InstanceID)
  /// Balancers take no clients, so there is nothing to drain, enable or limit.
  case loadBalancer(InstanceID)
  case otherRole(InstanceID, Role)
  /// Nil: the number of remaining sessions is not known.
  case notDrained(InstanceID, left: Int?)
  case stillRunning(InstanceID)
  /// The registry does not decide about this command: a license that was not verified, or the end
  /// of a session.
  case notDecidedHere
  /// The cluster's own number of seats applies only without a license.
  case licenseHolds
  case needsAcknowledgement([ImpactWarning])
}

/// The observations of a balancer that decisions need.
package struct LiveView: Equatable, Sendable {
  package struct Instance: Equatable, Sendable {
    package var health: Health
    package var connected: Int
    /// Whether `connected` was reported, and is not a number from before it became silent.
    package var isCounted: Bool
    package var ownMaximum: Int
    /// Whether it has said its name at the address of its row, however long ago.
    package var wasHeard: Bool
    /// The state of its application, as it reported it.
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

  /// The number of its open sessions; nil where this balancer does not know it.
  func counted(_ id: InstanceID) -> Int? {
    instances[id].flatMap { $0.isCounted ? $0.connected : nil }
  }

  func isAlive(_ id: InstanceID) -> Bool { instances[id]?.health == .alive }

  /// Whether the instance has shown that the address of this row is its own.
  func isProven(_ id: InstanceID) -> Bool { isAlive(id) || instances[id]?.wasHeard == true }
}

extension Balancer {
  /// The present observations of this balancer.
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
