package import ClusterModel
internal import JWTKit

/// The contents of a license, before it is signed.
package struct LicenseTerms: Equatable, Sendable {
  /// The holder of the license.
  package var holder: String
  /// The cluster that the license is for.
  package var cluster: String
  /// The number of AOS instances; load balancers need no seat.
  package var seats: Int
  package var issuedAt: Timestamp
  package var expiresAt: Timestamp

  package init(
    holder: String, cluster: String, seats: Int, issuedAt: Timestamp, expiresAt: Timestamp
  ) {
    self.holder = holder
    self.cluster = cluster
    self.seats = seats
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
  }
}

extension ClusterKey {
  /// Signs a license. The key belongs to the licensor. It is made like a cluster's key and is never
  /// the same.
  ///
  /// - Throws: `TrustFailure`: `invalid` for terms that no balancer would accept.
  package func sign(_ terms: LicenseTerms) async throws(TrustFailure) -> String {
    let claims = LicenseClaims(
      sub: terms.holder, aud: terms.cluster, seats: terms.seats,
      iat: terms.issuedAt.milliseconds / 1_000, exp: terms.expiresAt.milliseconds / 1_000)
    do { try claims.checkValues() } catch { throw .invalid(error) }
    return try await sign(claims, for: .license)
  }
}

extension ClusterPublicKey {
  /// Verifies the signature of a license. An expired license passes: the balancer decides what it
  /// still allows.
  ///
  /// - Parameters:
  ///   - document: The JWT as it was received.
  ///   - cluster: The cluster that it must be for.
  /// - Throws: The first reason not to trust it.
  package func license(
    in document: String, for cluster: String
  ) async throws(TrustFailure) -> License {
    let claims = try await verified(document, as: LicenseClaims.self, for: .license)
    do { try claims.checkValues() } catch { throw .invalid(error) }
    guard claims.aud == cluster else { throw .wrongCluster }
    return License(
      document: document, holder: claims.sub, seats: claims.seats,
      expiresAt: Timestamp(milliseconds: claims.exp * 1_000))
  }
}

/// The claims of a license; times in seconds since 1970 (RFC 7519, section 4.1).
private struct LicenseClaims: JWTPayload {
  /// The holder.
  var sub: String
  /// The cluster.
  var aud: String
  var seats: Int
  var iat: Int64
  var exp: Int64

  /// The end of the year 9999. RFC 3339 has no text for later times.
  private static let lastSecond: Int64 = 253_402_300_799

  func verify(using algorithm: some JWTAlgorithm) {}

  func checkValues() throws(InvalidValue) {
    for (text, field) in [(sub, "holder"), (aud, "cluster")] {
      guard !text.isEmpty else { throw InvalidValue(field: field, complaint: "is empty") }
      _ = try PlainText.checkedKept(text, field: field)
    }
    guard (0...License.highestSeats).contains(seats) else {
      throw InvalidValue(field: "seats", complaint: "must be 0 to \(License.highestSeats)")
    }
    guard (0...Self.lastSecond).contains(exp) else {
      throw InvalidValue(field: "expiry", complaint: "is not a time from 1970 to 9999")
    }
  }
}
