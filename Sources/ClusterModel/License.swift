/// A license as it was installed: what its signed document says, and the document itself.
///
/// The fields are those of the document, verified when it was installed. Who can change the
/// registry by hand can make the two differ, so a balancer with the key compares them.
public struct License: Hashable, Sendable {
  /// The signed document (JWT) as it came.
  public var document: String
  /// Who holds it.
  public var holder: String
  /// Servers that may serve, 0 to `highestSeats`. Balancers need none.
  public var seats: Int
  /// When it expires; the grace follows.
  public var expiresAt: Timestamp

  public init(document: String, holder: String, seats: Int, expiresAt: Timestamp) {
    self.document = document
    self.holder = holder
    self.seats = seats
    self.expiresAt = expiresAt
  }

  /// Most seats that a license or the cluster's setting may name.
  public static let highestSeats = Limits.seats
  /// For so long before its expiry a license is called expiring.
  public static let warningMilliseconds: Int64 = 30 * 86_400_000
  /// For so long after its expiry everything goes on.
  public static let graceMilliseconds: Int64 = 14 * 86_400_000

  /// When no new sessions are taken any more.
  public var endsAt: Timestamp { expiresAt.adding(milliseconds: Self.graceMilliseconds) }

  /// What the license is at a time, by its dates alone.
  public func state(at now: Timestamp) -> LicenseSummary.State {
    if now >= endsAt { return .expired }
    if now >= expiresAt { return .grace }
    return now >= expiresAt.adding(milliseconds: -Self.warningMilliseconds) ? .expiring : .valid
  }

  /// Why nobody holds a seat after the end.
  public var endReason: String { "the license expired on \(expiresAt.day)" }
}

extension Timestamp {
  /// The day in UTC: `2026-03-01`.
  public var day: String { String(description.prefix(10)) }
}
