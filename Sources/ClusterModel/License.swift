/// An installed license: the contents of its signed document, and the document itself.
///
/// The fields were verified when the license was installed. Somebody who changes the registry by
/// hand can make them differ from the document, so a balancer with the key compares them.
public struct License: Hashable, Sendable {
  /// The signed document (JWT) as it was received.
  public var document: String
  /// The holder of the license.
  public var holder: String
  /// The number of servers that may serve, 0 to `highestSeats`. Balancers need no seat.
  public var seats: Int
  /// When the license expires; the grace period follows.
  public var expiresAt: Timestamp

  public init(document: String, holder: String, seats: Int, expiresAt: Timestamp) {
    self.document = document
    self.holder = holder
    self.seats = seats
    self.expiresAt = expiresAt
  }

  /// The highest number of seats in a license or in the cluster's setting.
  public static let highestSeats = Limits.seats
  /// How long before its expiry a license counts as expiring.
  public static let warningMilliseconds: Int64 = 30 * 86_400_000
  /// How long everything still works after the expiry.
  public static let graceMilliseconds: Int64 = 14 * 86_400_000

  /// When the cluster stops taking new sessions.
  public var endsAt: Timestamp { expiresAt.adding(milliseconds: Self.graceMilliseconds) }

  /// The state of the license at this time, by its dates alone.
  public func state(at now: Timestamp) -> LicenseSummary.State {
    if now >= endsAt { return .expired }
    if now >= expiresAt { return .grace }
    return now >= expiresAt.adding(milliseconds: -Self.warningMilliseconds) ? .expiring : .valid
  }

  /// Why no server has a seat after the end.
  public var endReason: String { "the license expired on \(expiresAt.day)" }
}

extension Timestamp {
  /// The day in UTC: `2026-03-01`.
  public var day: String { String(description.prefix(10)) }
}
