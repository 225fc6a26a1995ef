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
  /// How long the share of new clients rises of a server that came back; 0: it has the plain one.
  package var slowStartMilliseconds: Int64
  /// An instance that is silent for longer is unreachable.
  package var silenceMilliseconds: Int64
  /// What the tickets of this process begin with, and those of no other balancer; empty: nothing
  /// tells them apart.
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
