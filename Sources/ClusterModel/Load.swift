/// How busy an instance is.
public struct Load: Hashable, Sendable {
  /// The number of open sessions. It may exceed `maximum` after an operator lowered the limit.
  public var connected: Int
  /// Of these, sessions that no notice reaches: each is one connection to the application, without
  /// a stream of events.
  public var withoutNotices: Int
  /// Handshakes whose answer had this instance on top, and whose session has not arrived yet.
  public var reserved: Int
  /// The maximum of sessions, 0 to 65,535: the operator's limit, or else the instance's own.
  public var maximum: Int

  /// The highest maximum (`MaxConcurrentSessions` of Dynamics AX 2012).
  public static let highestMaximum = Limits.sessions

  public init(connected: Int = 0, withoutNotices: Int = 0, reserved: Int = 0, maximum: Int) {
    self.connected = connected
    self.withoutNotices = withoutNotices
    self.reserved = reserved
    self.maximum = maximum
  }

  /// (connected + reserved) ÷ maximum; nil where the maximum is 0 and no client is taken.
  public var workload: Double? {
    maximum == 0 ? nil : Double(connected + reserved) / Double(maximum)
  }

  /// Whether no more sessions are taken.
  public var isFull: Bool { connected >= maximum }

  /// The number of places without a session.
  public var free: Int { max(0, maximum - connected) }
}

/// The rank of one instance in the handshake list. Full servers come last, whatever is reserved
/// elsewhere; before them come those that a slow start holds back. Otherwise the smallest workload
/// comes first; of equal ones the one with more free places, then the smaller id. The comparison is
/// exact and uses no floating point.
public struct HandshakeRank: Hashable, Comparable, Sendable {
  /// Whether it takes no client until a session ends.
  public var isFull: Bool
  /// Whether it came back recently and has already received its share of new clients.
  public var isHeldBack: Bool
  /// The number of places in use: connected sessions and weighted reservations.
  public var used: Int
  /// The maximum; above 0.
  public var maximum: Int
  /// The instance, whose id decides last.
  public var id: InstanceID

  /// - Parameters:
  ///   - reservationWeight: How many times this balancer counts its own reservations: once, plus
  ///     once for each living balancer whose reservations it does not hear.
  ///   - weighed: Its own reservations, at most as many as are free; nil: all reservations of the
  ///     load.
  ///   - guessed: Places that other balancers may have reserved since their last report.
  ///   - isHeldBack: Whether a slow start has already given it its share of new clients.
  public init(
    id: InstanceID, load: Load, reservationWeight: Int = 1, weighed: Int? = nil, guessed: Int = 0,
    isHeldBack: Bool = false
  ) {
    self.id = id
    isFull = load.isFull
    // Full servers take no client, so a slow start changes nothing.
    self.isHeldBack = isHeldBack && !load.isFull
    let own = min(weighed ?? load.reserved, load.reserved)
    used = load.connected + load.reserved + own * (reservationWeight - 1) + guessed
    maximum = load.maximum
  }

  public static func < (left: HandshakeRank, right: HandshakeRank) -> Bool {
    if left.isFull != right.isFull { return right.isFull }
    if left.isHeldBack != right.isHeldBack { return right.isHeldBack }
    let (leftShare, rightShare) = (left.used * right.maximum, right.used * left.maximum)
    if leftShare != rightShare { return leftShare < rightShare }
    let (leftFree, rightFree) = (left.maximum - left.used, right.maximum - right.used)
    if leftFree != rightFree { return leftFree > rightFree }
    return left.id < right.id
  }
}
