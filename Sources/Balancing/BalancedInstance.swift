internal import ClusterModel

/// What a balancer knows about one instance: its row in the registry, and what the balancer
/// observes.
struct BalancedInstance: Equatable, Sendable {
  var registered: RegisteredInstance
  var health: Health
  var healthSince: Timestamp
  var healthReason: String?
  /// The address at which the instance sent its name; nil before that.
  var heardAt: Address?
  var connected = 0
  /// Of these, sessions that no notice reaches.
  var withoutNotices = 0
  /// The state of its application, as the instance reported it last.
  var application: ApplicationStatus?
  /// Whether it has reported its load since it was last away. A planned stop does not change this.
  var isCounted = false
  /// Its own maximum, as its feed reported it last; until then the registry's.
  var ownMaximum: Int
  /// The order that it says it obeys; nil before its first message.
  var claim: ObeyClaim?
  /// The conclusion of the balancer from that.
  var belief = Belief()
  /// Since when the claim is ignored, by the monotonic clock; nil: it is trusted.
  var doubtedSince: Int64?
  /// Whether the row says why the claim is ignored.
  var showsDoubt = false
  /// Limits how often the log says so.
  var doubtLines = Pace()
  /// The earlier order with that revision, if the balancer knows it.
  private var older: Older?
  /// Whether it is in the list for clients or in the one for batch.
  var isListed = false
  /// Whether it was in one of the lists before.
  var wasListed = false
  var version: String?
  var startedAt: Timestamp?
  /// The profile that it reported; nil before its first message.
  var said: InstanceProfile?
  /// The profile that the registry was last asked to store, and when; nil: never.
  var learned: Learned?
  /// The start of the drain that its restart has ended, as it reported.
  var endedDrain: Timestamp?
  /// Limits how often the registry is asked to store that.
  var endedDrainWrites = Pace()
  /// Whether it obeys a later revision than any that this balancer has read, or another order than
  /// the registry has. Either another balancer has just sent it an order, or the registry was
  /// restored from an older copy.
  var isAhead = false
  var feed = FeedState.none
  /// How many times in a row its feed was closed because of what it sent.
  var faults = 0
  /// Before this monotonic time no feed of it is opened; nil: none was closed for what it sent.
  var shunnedUntil: Int64?
  /// How many of its feeds in a row ended soon.
  var shortFeeds = 0
  /// The number of sessions that the deadline of a drain has ended, as it reported last; nil: none.
  var deadlineEnds: DeadlineEnds?
  /// Its state when the balancer last looked for events; nil: never.
  var sight: Balancer.Sight?

  /// The connection on which it reports its load.
  enum FeedState: Equatable, Sendable {
    /// No feed is wanted.
    case none
    /// The feed was requested; `attempt` tries have failed so far.
    case opening(number: Int, attempt: Int)
    /// The feed is open: when it said hello, and when it last sent something; both monotonic.
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

  /// The profile that the registry was asked to store, and when.
  struct Learned: Equatable, Sendable {
    var profile: InstanceProfile
    var at: Int64
    /// Whether the registry has stored it since.
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
  /// Limits how often the desired state is sent.
  var deliveries = Pace()

  /// Whether its load feed is open.
  var isOpen: Bool {
    if case .open = feed { true } else { false }
  }

  /// The drain that its restart has ended and that the registry still orders.
  var drainToEnd: Timestamp? {
    guard registered.admission == .rejecting, let drain = registered.drain, drain.untilRestart
    else { return nil }
    return drain.startedAt == endedDrain ? endedDrain : nil
  }

  /// The profile that it reported, if the registry has another one.
  var profileToLearn: InstanceProfile? { said == registered.profile ? nil : said }

  /// Whether nothing about it waits for its time to be sent, stored or shown.
  var isSettled: Bool {
    isDelivered && !isAhead && profileToLearn == nil && drainToEnd == nil && belief.doubt == nil
  }

  /// The revision that it is known to obey.
  var obeyedRevision: Int64? { belief.revision }

  /// Balancers obey no orders.
  var isDelivered: Bool {
    registered.role.isLoadBalancer
      || !isAhead && (obeyedRevision ?? -1) >= registered.revision
  }

  /// Takes a new row from the registry. Until it receives the new order, the instance obeys the old
  /// one.
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

  /// The order that it obeys, if that is known and not the newest.
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

  /// Its status for dashboards.
  ///
  /// - Parameter reserved: May exceed the number of free places, if sessions without a reservation
  ///   have come since. Then only the free places count.
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
