internal import ClusterModel

/// What a balancer knows of one instance: what the registry has, and what it observes.
struct BalancedInstance: Equatable, Sendable {
  var registered: RegisteredInstance
  var health: Health
  var healthSince: Timestamp
  var healthReason: String?
  var connected = 0
  /// It has told its load since it was last away. A planned stop takes nothing back.
  var isCounted = false
  /// Its own maximum, as its feed last said; the registry's until then.
  var ownMaximum: Int
  /// The revision that it is known to obey.
  var obeyedRevision: Int64?
  /// Stands for what it says it obeys with that; nil where it has not said.
  var obeyedDigest: String?
  /// The order of that revision, if it is one of before.
  private var older: Older?
  var version: String?
  var startedAt: Timestamp?
  /// What it said of itself; nil before its first word.
  var saidRole: Role?
  /// When the registry was last asked to know of that; nil when it never was.
  var learnedAt: Int64?
  /// When the drain began of which it said that its restart has ended it.
  var endedDrain: Timestamp?
  /// When the registry was last asked to know of that; nil when it never was.
  var endedDrainToldAt: Int64?
  /// It obeys a later revision than any that this balancer has read, or something else than the
  /// registry says: it was told by another one just now, or the registry is an older copy of
  /// itself.
  var isAhead = false
  /// When the registry was last asked to go past that; nil when it never was.
  var passedAt: Int64?
  var feed = FeedState.none

  /// The connection on which it tells its load.
  enum FeedState: Equatable, Sendable {
    /// None is wanted.
    case none
    /// Asked for; `attempt` failures so far.
    case opening(number: Int, attempt: Int)
    /// Said hello at one time, was last heard of at another; both monotonic.
    case open(number: Int, openedAt: Int64, heardAt: Int64)

    var number: Int? {
      switch self {
      case .none: nil
      case .opening(let number, _), .open(let number, _, _): number
      }
    }

    var attempt: Int {
      if case .opening(_, let attempt) = self { attempt } else { 0 }
    }
  }

  private struct Older: Equatable {
    var revision: Int64
    var order: OlderOrder
  }

  init(_ registered: RegisteredInstance, health: Health = .notYetSeen, since: Timestamp) {
    self.registered = registered
    self.health = health
    healthSince = since
    ownMaximum = registered.ownMaximum
  }

  /// When its feed was opened again at once, after it broke while the instance was alive.
  var reopenedAt: Int64?
  /// When the desired state was last sent; nil when it never was.
  var sentAt: Int64?

  /// Its load feed is open.
  var isOpen: Bool {
    if case .open = feed { true } else { false }
  }

  /// The drain that its restart has ended, and that the registry still wishes.
  var drainToEnd: Timestamp? {
    guard registered.admission == .rejecting, let drain = registered.drain, drain.untilRestart
    else { return nil }
    return drain.startedAt == endedDrain ? endedDrain : nil
  }

  /// What it said of itself and the registry does not know.
  var roleToLearn: Role? {
    guard let saidRole, saidRole != registered.role || ownMaximum != registered.ownMaximum else {
      return nil
    }
    return saidRole
  }

  /// Balancers obey nobody.
  var isDelivered: Bool {
    registered.role.isLoadBalancer
      || !isAhead && (obeyedRevision ?? -1) >= registered.revision
  }

  /// The registry has something newer. What it obeyed so far, it obeys until it is told.
  mutating func register(_ row: RegisteredInstance) {
    if isDelivered, row.revision != registered.revision, let obeyedRevision {
      let drain = registered.admission == .rejecting ? registered.drain : nil
      older = Older(
        revision: obeyedRevision,
        order: OlderOrder(admission: registered.admission, drain: drain))
    }
    registered = row
  }

  /// What it obeys, where that is not the newest and known.
  private var olderOrder: OlderOrder? {
    guard !isDelivered, let older, older.revision == obeyedRevision else { return nil }
    return older.order
  }

  mutating func becomes(_ health: Health, at time: Timestamp, reason: String? = nil) {
    if self.health != health { healthSince = time }
    if health == .unreachable { isCounted = false }
    self.health = health
    healthReason = reason
  }

  /// What is told of it.
  func status(reserved: Int) -> InstanceStatus {
    var status = InstanceStatus(
      id: registered.id, address: registered.address,
      servicesAddress: registered.servicesAddress, role: registered.role,
      admission: registered.admission, admissionAt: registered.admissionAt,
      admissionBy: registered.admissionBy, admissionReason: registered.admissionReason,
      delivered: isDelivered, health: health, healthSince: healthSince,
      healthReason: healthReason, license: registered.license,
      load: Load(
        connected: connected, reserved: reserved,
        maximum: registered.role.isLoadBalancer ? 0 : registered.limit ?? ownMaximum),
      limit: registered.limit, exclusion: nil,
      drain: registered.admission == .rejecting ? registered.drain : nil, version: version,
      startedAt: startedAt)
    status.obeys = olderOrder
    status.exclusion = status.derivedExclusion(for: .client)
    return status
  }
}
