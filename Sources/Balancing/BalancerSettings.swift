package import ClusterModel

/// How one balancer is set up.
package struct BalancerSettings: Equatable, Sendable {
  package var id: InstanceID
  package var version: String
  package var startedAt: Timestamp
  /// `sqlite` or `postgres`.
  package var registryKind: String
  /// How long a handshake reserves a place; 0: not at all.
  package var reservationMilliseconds: Int64
  /// How long the share of new clients of a returning server rises; 0: it has its full share at
  /// once.
  package var slowStartMilliseconds: Int64
  /// After this time of silence an instance is unreachable.
  package var silenceMilliseconds: Int64
  /// The common beginning of the tickets of this process, different from that of every other
  /// balancer; empty: tickets have no such beginning.
  package var ticketMark: String

  package init(
    id: InstanceID, version: String, startedAt: Timestamp, registryKind: String,
    reservationMilliseconds: Int64 = 10_000, slowStartMilliseconds: Int64 = 0,
    silenceMilliseconds: Int64 = 3_000, ticketMark: String = ""
  ) {
    self.id = id
    self.version = version
    self.startedAt = startedAt
    self.registryKind = registryKind
    self.reservationMilliseconds = reservationMilliseconds
    self.slowStartMilliseconds = slowStartMilliseconds
    self.silenceMilliseconds = silenceMilliseconds
    self.ticketMark = ticketMark
  }
}
