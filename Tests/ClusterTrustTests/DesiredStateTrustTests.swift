internal import ClusterModel
internal import Crypto
internal import Foundation
internal import Testing

@testable internal import ClusterTrust

@Suite("An instance trusts a desired state only if its cluster signed it")
struct DesiredStateTrustTests {
  let key = ClusterKey()
  let id: InstanceID
  let desired: DesiredState

  init() throws {
    id = try InstanceID("AOS01")
    desired = DesiredState(
      cluster: "PROD", instance: id, epoch: "e1", revision: 7, admission: .rejecting,
      limit: 40, unlicensedReason: nil, removed: false,
      drain: Drain(
        startedAt: Timestamp(milliseconds: 1_000), startedWith: 3,
        terms: DrainTerms(message: "Back at ten – sorry", closeIdleAfterSeconds: 60)))
  }

  @Test("what was signed comes back whole")
  func roundTrip() async throws {
    let document = try await key.sign(desired)
    let read = try await key.publicKey.desiredState(in: document, for: id, cluster: "PROD")
    #expect(read == desired)
  }

  @Test("an instance that knows no cluster yet trusts its key alone")
  func unknownCluster() async throws {
    let document = try await key.sign(desired)
    let read = try await key.publicKey.desiredState(in: document, for: id, cluster: nil)
    #expect(read == desired)
  }

  @Test("another cluster's key is refused")
  func otherKey() async throws {
    let document = try await ClusterKey().sign(desired)
    await #expect(throws: TrustFailure.wrongSignature) {
      try await key.publicKey.desiredState(in: document, for: id, cluster: "PROD")
    }
  }

  @Test("a document for another instance or of another cluster is refused")
  func otherAddressee() async throws {
    let document = try await key.sign(desired)
    await #expect(throws: TrustFailure.wrongInstance) {
      try await key.publicKey.desiredState(
        in: document, for: InstanceID("AOS02"), cluster: "PROD")
    }
    await #expect(throws: TrustFailure.wrongCluster) {
      try await key.publicKey.desiredState(in: document, for: id, cluster: "TEST")
    }
  }

  @Test("not one altered character of header, claims or signature is let through")
  func everyCharacter() async throws {
    let document = try await key.sign(desired)
    for index in document.indices {
      var altered = document
      let other: Character = document[index] == "A" ? "B" : "A"
      altered.replaceSubrange(index...index, with: [other])
      // The last character of a base64 part may carry bits that mean nothing.
      let next = document.index(after: index)
      if next == document.endIndex { continue }
      await #expect(throws: TrustFailure.self) {
        try await key.publicKey.desiredState(in: altered, for: id, cluster: "PROD")
      }
    }
  }

  @Test("the algorithm is EdDSA whatever the header says", arguments: ["none", "HS256", "RS256"])
  func algorithms(named name: String) async throws {
    let claims = try await key.sign(desired).split(separator: ".")[1]
    let header = Base64URL.encode(#"{"alg":"\#(name)","typ":"aos-desired+jwt"}"#.utf8)
    let input = "\(header).\(claims)"
    // The old trick: the public key, which everyone knows, taken as the shared secret.
    let secret = SymmetricKey(data: Base64URL.decode(key.publicKey.text) ?? [])
    let code = HMAC<SHA256>.authenticationCode(for: Data(input.utf8), using: secret)
    for signature in ["", Base64URL.encode(code)] {
      await #expect(throws: TrustFailure.wrongAlgorithm) {
        try await key.publicKey.desiredState(
          in: "\(input).\(signature)", for: id, cluster: "PROD")
      }
    }
  }

  @Test("a header that says EdDSA does not make a wrong signature valid")
  func noSignature() async throws {
    let parts = try await key.sign(desired).split(separator: ".")
    for signature in ["", "AAAA", String(repeating: "A", count: 86), "!!!"] {
      await #expect(throws: TrustFailure.wrongSignature) {
        try await key.publicKey.desiredState(
          in: "\(parts[0]).\(parts[1]).\(signature)", for: id, cluster: "PROD")
      }
    }
  }

  @Test("a balancer's token is not a desired state")
  func otherPurpose() async throws {
    let token = try await key.balancerToken(
      balancer: InstanceID("LB1"), instance: id, cluster: "PROD",
      now: Timestamp(milliseconds: 0))
    await #expect(throws: TrustFailure.wrongPurpose) {
      try await key.publicKey.desiredState(in: token, for: id, cluster: "PROD")
    }
  }

  @Test(
    "anything that is not a JWT is malformed",
    arguments: [
      "", ".", "..", "...", "a.b.c", "{}", "bm90IGpzb24.bm90IGpzb24.AAAA", "\u{0}\u{1b}[2J",
      String(repeating: "A.", count: 40_000), String(repeating: "A", count: 100_000),
    ])
  func garbage(document: String) async {
    await #expect(throws: TrustFailure.malformed) {
      try await key.publicKey.desiredState(in: document, for: id, cluster: "PROD")
    }
  }

  @Test("a signed value that breaks a rule is named")
  func signedNonsense() async throws {
    var wrong = desired
    wrong.limit = 70_000
    let document = try await key.sign(wrong)
    await #expect(
      throws: TrustFailure.invalid(
        InvalidValue(field: "limit", complaint: "must be 0 to 65535"))
    ) {
      try await key.publicKey.desiredState(in: document, for: id, cluster: "PROD")
    }
    wrong = desired
    wrong.drain?.message = "\u{1b}[2J"
    let screen = try await key.sign(wrong)
    await #expect(throws: TrustFailure.self) {
      try await key.publicKey.desiredState(in: screen, for: id, cluster: "PROD")
    }
  }
}
