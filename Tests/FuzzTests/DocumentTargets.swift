import ClusterModel
import ClusterTrust
import ScriptedServer

extension FuzzTarget {
  /// A step to another key.
  private static func keyStep(_ key: ClusterKey) async throws -> FuzzTarget {
    let (reader, next) = (key.publicKey, ClusterKey().publicKey)
    let step = try await key.sign(
      successor: next, cluster: "PROD", epoch: "e1", at: Sample.time)
    return FuzzTarget(name: "step of the key", corpus: [Array(step.utf8)]) {
      let read: ClusterPublicKey
      do throws(TrustFailure) {
        read = try await reader.successor(
          in: String(decoding: $0, as: UTF8.self), cluster: "PROD")
      } catch {
        try checkWords(error.description)
        return false
      }
      try promise(read == next, "a step that nobody signed is followed")
      return true
    }
  }

  /// What is signed. Nothing that was altered is trusted.
  static func documents() async throws -> [FuzzTarget] {
    let key = ClusterKey()
    let (id, other) = (try InstanceID("AOS01"), try InstanceID("LB1"))
    let drain = Drain(
      startedAt: Sample.time, startedWith: 3, terms: DrainTerms(message: "Back at ten"))
    let desired = DesiredState(
      cluster: "PROD", instance: id, epoch: "e1", revision: 7, admission: .rejecting, limit: 40,
      unlicensedReason: nil, removed: false, drain: drain)
    let document = try await key.sign(desired)
    let now = Sample.time
    let token = try await key.balancerToken(
      balancer: other, instance: id, cluster: "PROD", now: now)
    let reader = key.publicKey
    let terms = LicenseTerms(
      holder: "Example Ltd", cluster: "PROD", seats: 8, issuedAt: now,
      expiresAt: now.adding(milliseconds: 1_000))
    return [
      accessToken(),
      FuzzTarget(name: "desired state", corpus: [document, token].map { Array($0.utf8) }) {
        let read: DesiredState
        do throws(TrustFailure) {
          read = try await reader.desiredState(
            in: String(decoding: $0, as: UTF8.self), for: id, cluster: "PROD")
        } catch {
          try checkWords(error.description)
          return false
        }
        try promise(read == desired, "what nobody signed is trusted")
        return true
      },
      FuzzTarget(name: "balancer's token", corpus: [token, document].map { Array($0.utf8) }) {
        let read: BalancerToken
        do throws(TrustFailure) {
          read = try await reader.balancer(
            in: String(decoding: $0, as: UTF8.self), for: id, cluster: "PROD", now: now)
        } catch {
          try checkWords(error.description)
          return false
        }
        try promise(read.balancer == other, "a token that nobody made is trusted")
        return true
      },
      license(try await key.sign(terms), terms, reader),
      try await keyStep(key),
      FuzzTarget(name: "public key", corpus: [Array(reader.text.utf8)]) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let key: ClusterPublicKey
        do throws(InvalidValue) { key = try ClusterPublicKey(text) } catch {
          try checkWords(error.description)
          return false
        }
        try promise(key.text == text, "it is written otherwise")
        return true
      },
    ]
  }

  private static func license(
    _ document: String, _ terms: LicenseTerms, _ reader: ClusterPublicKey
  ) -> FuzzTarget {
    FuzzTarget(name: "license", corpus: [Array(document.utf8)]) {
      let read: License
      do throws(TrustFailure) {
        read = try await reader.license(in: String(decoding: $0, as: UTF8.self), for: "PROD")
      } catch {
        try checkWords(error.description)
        return false
      }
      let isTrue =
        read.holder == terms.holder && read.seats == terms.seats
        && read.expiresAt == terms.expiresAt
      try promise(isTrue, "a license that nobody signed is trusted")
      return true
    }
  }

  private static func accessToken() -> FuzzTarget {
    var random = SplitMix64(seed: 7)
    let secret = AccessSecret(using: &random)
    return FuzzTarget(name: "access token", corpus: [Array(secret.text.utf8)]) { bytes in
      guard let read = AccessSecret(String(decoding: bytes, as: UTF8.self)) else {
        return false
      }
      try checkWords("\(read)")
      try promise(!"\(read)".contains(read.text.suffix(43)), "the secret is shown")
      try promise(
        read.matches(secret.hash) == (read.text == secret.text), "another token is as good")
      return true
    }
  }
}
