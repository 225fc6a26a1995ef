/// How busy an instance is.
public struct Load: Hashable, Sendable {
  /// Sessions open now. May exceed `maximum` after an operator lowered the limit.
  public var connected: Int
  /// Of these, sessions that no notice reaches: each is one connection to the application, without
  /// a stream of events.
  public var withoutNotices: Int
  /// Handshakes answered with this instance on top whose session has not arrived yet.
  public var reserved: Int
  /// Most sessions allowed, 0 to 65,535: the operator's limit, else the instance's own.
  public var maximum: Int

  /// The highest maximum (`MaxConcurrentSessions` of Dynamics AX 2012).
  public static let highestMaximum = Limits.sessions

  public init(connected: Int = 0, withoutNotices: Int = 0, reserved: Int = 0, maximum: Int) {
    self.connected = connected
    self.withoutNotices = withoutNotices
    self.reserved = reserved
    self.maximum = maximum
  }

  /// (connected + reserved) ÷ maximum, or nil where the maximum is 0, which takes nobody.
  public var workload: Double? {
    maximum == 0 ? nil : Double(connected + reserved) / Double(maximum)
  }

  /// No session more is taken.
  public var isFull: Bool { connected >= maximum }

  /// Places that no session has.
  public var free: Int { max(0, maximum - connected) }
}

/// The place of one instance in the handshake list: full ones last, whatever is reserved
/// elsewhere, and before them those that a slow start holds back; else the smallest workload first,
/// of equal ones the one with more free places, then the smaller id. Exact, without floating point.
public struct HandshakeRank: Hashable, Comparable, Sendable {
  /// It takes nobody until a session ends.
  public var isFull: Bool
  /// It came back a short while ago, and has had its share of new clients for now.
  public var isHeldBack: Bool
  /// Places taken: connected sessions and weighted reservations.
  public var used: Int
  /// Above 0.
  public var maximum: Int
  /// The instance; the last to decide.
  public var id: InstanceID

  /// - Parameters:
  ///   - reservationWeight: This balancer and those alive whose reservations it does not hear: it
  ///     counts its own that many times.
  ///   - weighed: Its own reservations, no more than are free; nil: all of the load are.
  ///   - guessed: Places that others may have reserved since it last heard of them.
  ///   - isHeldBack: A slow start has given it its share of new clients for now.
  public init(
    id: InstanceID, load: Load, reservationWeight: Int = 1, weighed: Int? = nil, guessed: Int = 0,
    isHeldBack: Bool = false
  ) {
    self.id = id
    isFull = load.isFull
    // Full servers take nobody, so there is nothing to hold back.
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
