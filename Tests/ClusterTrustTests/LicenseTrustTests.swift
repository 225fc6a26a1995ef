internal import ClusterModel
internal import Crypto
internal import Testing

@testable internal import ClusterTrust

@Suite("A license is trusted only as its licensor signed it")
struct LicenseTrustTests {
  let key = ClusterKey()
  let terms = LicenseTerms(
    holder: "Example Ltd", cluster: "PROD", seats: 8,
    issuedAt: Timestamp(milliseconds: 1_700_000_000_000),
    expiresAt: Timestamp(milliseconds: 1_800_000_000_000))

  @Test("it says what was signed, expired or not")
  func roundTrip() async throws {
    let document = try await key.sign(terms)
    #expect(
      try await key.publicKey.license(in: document, for: "PROD")
        == License(
          document: document, holder: "Example Ltd", seats: 8, expiresAt: terms.expiresAt))
  }

  @Test("one byte that differs anywhere is enough to refuse it")
  func altered() async throws {
    let document = Array(try await key.sign(terms).utf8)
    for place in stride(from: 0, to: document.count, by: 3) where document[place] != 46 {
      var bytes = document
      bytes[place] = bytes[place] == 65 ? 66 : 65
      await #expect(throws: TrustFailure.self) {
        try await key.publicKey.license(in: String(decoding: bytes, as: UTF8.self), for: "PROD")
      }
    }
  }

  @Test("bits of the last letter that say nothing are none of its own to choose")
  func lastLetter() async throws {
    let document = try await key.sign(terms)
    // 64 bytes end with one of these, whose neighbour stands for the same bytes.
    let next: [Character: Character] = ["A": "B", "Q": "R", "g": "h", "w": "x"]
    let last = try #require(document.last.flatMap { next[$0] })
    await #expect(throws: TrustFailure.wrongSignature) {
      try await key.publicKey.license(in: document.dropLast() + String(last), for: "PROD")
    }
  }

  @Test("another key, another cluster and another purpose are refused by name")
  func others() async throws {
    let document = try await key.sign(terms)
    await #expect(throws: TrustFailure.wrongSignature) {
      try await ClusterKey().publicKey.license(in: document, for: "PROD")
    }
    await #expect(throws: TrustFailure.wrongCluster) {
      try await key.publicKey.license(in: document, for: "TEST")
    }
    let token = try await key.balancerToken(
      balancer: InstanceID("LB1"), instance: InstanceID("AOS01"), cluster: "PROD",
      now: terms.issuedAt)
    await #expect(throws: TrustFailure.wrongPurpose) {
      try await key.publicKey.license(in: token, for: "PROD")
    }
    await #expect(throws: TrustFailure.wrongPurpose) {
      try await key.publicKey.balancer(
        in: document, for: InstanceID("AOS01"), cluster: nil, now: terms.issuedAt)
    }
  }

  @Test("a document without a signature or with another algorithm is refused")
  func algorithms() async throws {
    let claims = try await key.sign(terms).split(separator: ".")[1]
    for algorithm in ["none", "HS256", "ES256"] {
      let header = Base64URL.encode(
        #"{"alg":"\#(algorithm)","typ":"aos-license+jwt"}"#.utf8)
      for signature in ["", "AAAA"] {
        await #expect(throws: TrustFailure.wrongAlgorithm) {
          try await key.publicKey.license(
            in: "\(header).\(claims).\(signature)", for: "PROD")
        }
      }
    }
  }

  @Test("terms that no balancer would take are not signed, and the field is named")
  func nonsense() async throws {
    for (field, change) in [
      ("holder", { $0.holder = "\u{1b}[2J" }), ("holder", { $0.holder = "" }),
      ("cluster", { $0.cluster = "" }), ("seats", { $0.seats = -1 }),
      ("seats", { $0.seats = 1_000_001 }),
      ("expiry", { $0.expiresAt = Timestamp(milliseconds: -1_000) }),
    ] as [(String, (inout LicenseTerms) -> Void)] {
      var wrong = terms
      change(&wrong)
      do {
        _ = try await key.sign(wrong)
        Issue.record("\(field) was signed")
      } catch .invalid(let value) {
        #expect(value.field == field)
      }
    }
  }
}
