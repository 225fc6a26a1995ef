internal import ClusterModel

/// What a balancer knows of one instance: what the registry has, and what it observes.
struct BalancedInstance: Equatable, Sendable {
  var registered: RegisteredInstance
  var health: Health
  var healthSince: Timestamp
  var healthReason: String?
  /// The address at which it said who it is; nil before its first word.
  var heardAt: Address?
  var connected = 0
  /// Of these, sessions that no notice reaches.
  var withoutNotices = 0
  /// What it last said of the application behind it, as its words.
  var application: ApplicationStatus?
  /// It has told its load since it was last away. A planned stop takes nothing back.
  var isCounted = false
  /// Its own maximum, as its feed last said; the registry's until then.
  var ownMaximum: Int
  /// What it last said that it obeys; nil before its first word.
  var claim: ObeyClaim?
  /// What the balancer makes of that.
  var belief = Belief()
  /// Since when the claim is ignored, by the monotonic clock; nil: it is not.
  var doubtedSince: Int64?
  /// The row says why the claim is ignored.
  var showsDoubt = false
  /// How often the log says so.
  var doubtLines = Pace()
  /// The order of that revision, if it is one of before.
  private var older: Older?
  /// It is in the list for clients or for batch.
  var isListed = false
  /// It was in one before.
  var wasListed = false
  var version: String?
  var startedAt: Timestamp?
  /// What it said of itself; nil before its first word.
  var said: InstanceProfile?
  /// When the registry was last asked to know of that, and of what; nil when it never was.
  var learned: Learned?
  /// When the drain began of which it said that its restart has ended it.
  var endedDrain: Timestamp?
  /// How often the registry is asked to know of that.
  var endedDrainWrites = Pace()
  /// It obeys a later revision than any that this balancer has read, or something else than the
  /// registry says: it was told by another one just now, or the registry is an older copy of
  /// itself.
  var isAhead = false
  var feed = FeedState.none
  /// How often in a row its feed was closed because of what it said.
  var faults = 0
  /// No feed of it is opened before this monotonic time; nil: none was closed for what it said.
  var shunnedUntil: Int64?
  /// How many of its feeds in a row ended soon.
  var shortFeeds = 0
  /// Sessions that the deadline of a drain has ended, as it last said; nil: none.
  var deadlineEnds: DeadlineEnds?
  /// As it was when events were last looked for; nil: never.
  var sight: Balancer.Sight?

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

  /// What the registry was asked to know of it, and when.
  struct Learned: Equatable, Sendable {
    var profile: InstanceProfile
    var at: Int64
    /// The registry has known it since.
    var isKnown = false
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
  /// How often the desired state is sent.
  var deliveries = Pace()

  /// Its load feed is open.
  var isOpen: Bool {
    if case .open = feed { true } else { false }
  }

  /// The drain that its restart has ended, and that the registry still orders.
  var drainToEnd: Timestamp? {
    guard registered.admission == .rejecting, let drain = registered.drain, drain.untilRestart
    else { return nil }
    return drain.startedAt == endedDrain ? endedDrain : nil
  }

  /// What it said of itself and the registry does not know.
  var profileToLearn: InstanceProfile? { said == registered.profile ? nil : said }

  /// Nothing is to be sent, written or shown of it that waits for its time.
  var isSettled: Bool {
    isDelivered && !isAhead && profileToLearn == nil && drainToEnd == nil && belief.doubt == nil
  }

  /// The revision that it is known to obey.
  var obeyedRevision: Int64? { belief.revision }

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
    if learned?.profile == row.profile { learned?.isKnown = true }
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

  /// What dashboards learn about it.
  ///
  /// - Parameter reserved: Where sessions without a reservation have come since, it may be more
  ///   than there are free places; those that are left count.
  func status(reserved: Int) -> InstanceStatus {
    var load = Load(
      connected: connected, withoutNotices: withoutNotices,
      maximum: registered.role.isLoadBalancer ? 0 : registered.limit ?? ownMaximum)
    load.reserved = min(reserved, load.free)
    var status = InstanceStatus(
      registered, delivered: isDelivered, health: health, healthSince: healthSince, load: load,
      application: health == .alive ? application : nil)
    status.version = version
    status.startedAt = startedAt
    status.obeys = olderOrder
    status.healthReason = health == .alive && showsDoubt ? belief.doubt : healthReason
    return status
  }
}
