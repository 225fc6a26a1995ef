package import ClusterModel
internal import Crypto
internal import FoundationEssentials
internal import JWTKit

/// The key with which an instance verifies what its cluster signed.
package struct ClusterPublicKey: Sendable {
  private let key: Curve25519.Signing.PublicKey

  init(key: Curve25519.Signing.PublicKey) {
    self.key = key
  }

  /// Reads a key from the answer to a join, or from a file.
  ///
  /// - Parameter text: 32 bytes in base64url.
  /// - Throws: `InvalidValue` naming `publicKey`.
  package init(_ text: String) throws(InvalidValue) {
    guard text.utf8.count <= 128,
      let bytes = Base64URL.decode(text),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
    else { throw InvalidValue(field: "publicKey", complaint: "must be 32 bytes in base64url") }
    self.key = key
  }

  /// 32 bytes in base64url.
  package var text: String { Base64URL.encode(key.rawRepresentation) }

  /// The most bytes of a signed document.
  package static let longestDocument = Limits.documentBytes

  /// Verifies a desired state.
  ///
  /// - Parameters:
  ///   - document: The JWT as it was received.
  ///   - instance: The reader; a document for another instance is refused.
  ///   - cluster: Nil where the reader does not know its cluster's name yet.
  /// - Throws: The first reason not to trust it.
  package func desiredState(
    in document: String, for instance: InstanceID, cluster: String?
  ) async throws(TrustFailure) -> DesiredState {
    let desired = try await verified(document, as: DesiredClaims.self, for: .desired).desired
    guard desired.instance == instance else { throw .wrongInstance }
    guard cluster == nil || desired.cluster == cluster else { throw .wrongCluster }
    do { try desired.checkValues() } catch { throw .invalid(error) }
    return desired
  }

  /// Verifies a balancer's token.
  ///
  /// - Parameters:
  ///   - token: The JWT as it was received.
  ///   - instance: The reader.
  ///   - cluster: Nil where the reader does not know its cluster's name yet.
  ///   - now: The reader's clock.
  /// - Returns: The balancer that made the token, the token's name and its expiry.
  /// - Throws: The first reason not to trust it.
  package func balancer(
    in token: String, for instance: InstanceID, cluster: String?, now: Timestamp
  ) async throws(TrustFailure) -> BalancerToken {
    let claims = try await verified(token, as: BalancerClaims.self, for: .balancer)
    guard claims.aud == instance else { throw .wrongInstance }
    guard cluster == nil || claims.cluster == cluster else { throw .wrongCluster }
    let (seconds, skew) = (now.milliseconds / 1_000, BalancerToken.skewSeconds)
    let lasts = claims.exp.subtractingReportingOverflow(claims.iat)
    guard !lasts.overflow, (0...BalancerToken.lifetimeSeconds).contains(lasts.partialValue) else {
      throw .wrongLifetime
    }
    let age = seconds.subtractingReportingOverflow(claims.iat)
    guard !age.overflow else { throw .wrongLifetime }
    guard (-skew..<lasts.partialValue + skew).contains(age.partialValue) else {
      throw .clocksApart(seconds: age.partialValue)
    }
    guard claims.jti.map({ (1...BalancerToken.longestID).contains($0.utf8.count) }) ?? true else {
      throw .malformed
    }
    return BalancerToken(
      balancer: claims.iss, id: claims.jti,
      endsAt: Timestamp(milliseconds: (claims.exp + skew) * 1_000))
  }

  func verified<Claims: JWTPayload>(
    _ document: String, as type: Claims.Type, for purpose: SignedPurpose,
    longest: Int = ClusterPublicKey.longestDocument
  ) async throws(TrustFailure) -> Claims {
    let bytes = Array(document.utf8)
    guard bytes.count <= longest,
      let header = try? DefaultJWTParser().parse(bytes, as: UnreadClaims.self).header
    else { throw .malformed }
    // The library always uses the key's algorithm. A header with another algorithm is an attack or
    // a mistake, and the error should name it.
    guard header.alg == "EdDSA" else { throw .wrongAlgorithm }
    guard header.typ == purpose.rawValue, header.fields["crit"] == nil else {
      throw .wrongPurpose
    }
    // The last letter of a part may have bits without a meaning, so several texts stand for the
    // same bytes. Only the text that was signed is trusted.
    let parts = document.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ Base64URL.decode(String($0)) != nil }) else { throw .wrongSignature }
    do {
      let keys = await JWTKeyCollection().add(eddsa: EdDSA.PublicKey(backing: key))
      return try await keys.verify(bytes, as: type)
    } catch let error as JWTError where error.errorType == .signatureVerificationFailed {
      throw .wrongSignature
    } catch {
      throw .malformed
    }
  }
}

extension ClusterPublicKey: Hashable {
  package static func == (left: ClusterPublicKey, right: ClusterPublicKey) -> Bool {
    left.text == right.text
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(text)
  }
}

/// Accepts any object, to read a header before its claims are trusted.
private struct UnreadClaims: JWTPayload {
  func verify(using algorithm: some JWTAlgorithm) {}
}

extension DesiredState {
  /// Values are checked even though a balancer signed them, since they reach users' screens and
  /// sums.
  fileprivate func checkValues() throws(InvalidValue) {
    _ = try PlainText.checkedKept(cluster, field: "cluster")
    _ = try PlainText.checkedKept(epoch, field: "epoch")
    guard revision >= 0 else {
      throw InvalidValue(field: "revision", complaint: "must not be negative")
    }
    if let limit, !(0...Load.highestMaximum).contains(limit) {
      throw InvalidValue(field: "limit", complaint: "must be 0 to \(Load.highestMaximum)")
    }
    if let unlicensedReason {
      _ = try PlainText.checkedKept(
        unlicensedReason, field: "unlicensedReason", limit: PlainText.longestSentence)
    }
    guard let drain else { return }
    if let message = drain.message {
      _ = try PlainText.checkedKept(
        message, field: "drain.message", limit: PlainText.longestSentence)
    }
    if let seconds = drain.closeIdleAfterSeconds, !(1...86_400).contains(seconds) {
      throw InvalidValue(
        field: "drain.closeIdleAfterSeconds", complaint: "must be 1 to 86400")
    }
  }
}
