internal import ClusterModel
internal import Testing

@testable internal import ClusterTrust

@Suite("A balancer's token opens an instance's load feed, for a minute")
struct BalancerTokenTests {
  let key = ClusterKey()
  let instance: InstanceID
  let balancer: InstanceID
  let now = Timestamp(milliseconds: 1_800_000_000_000)

  init() throws {
    instance = try InstanceID("AOS01")
    balancer = try InstanceID("LB1")
  }

  private func token(signedBy signer: ClusterKey? = nil) async throws -> String {
    try await (signer ?? key).balancerToken(
      balancer: balancer, instance: instance, cluster: "PROD", now: now)
  }

  @Test("it names the balancer while it holds", arguments: [-25_000, 0, 59_000, 89_000])
  func holds(atMilliseconds offset: Int64) async throws {
    let reader = try await key.publicKey.balancer(
      in: token(), for: instance, cluster: "PROD", now: now.adding(milliseconds: offset))
    #expect(reader.balancer == balancer)
  }

  @Test("it ends, clocks apart included", arguments: [91_000, 3_600_000])
  func expires(atMilliseconds offset: Int64) async throws {
    let token = try await token()
    await #expect(throws: TrustFailure.clocksApart(seconds: Int64(offset / 1_000))) {
      try await key.publicKey.balancer(
        in: token, for: instance, cluster: "PROD", now: now.adding(milliseconds: offset))
    }
  }

  @Test("one from the future is refused, and says by how much")
  func future() async throws {
    let token = try await token()
    let failure = await #expect(throws: TrustFailure.clocksApart(seconds: -60)) {
      try await key.publicKey.balancer(
        in: token, for: instance, cluster: "PROD", now: now.adding(milliseconds: -60_000))
    }
    #expect(failure?.description == "its reader's clock is 60 s behind the balancer's")
  }

  @Test("it is for one instance of one cluster, signed by that cluster")
  func addressee() async throws {
    let token = try await token()
    await #expect(throws: TrustFailure.wrongInstance) {
      try await key.publicKey.balancer(
        in: token, for: balancer, cluster: "PROD", now: now)
    }
    await #expect(throws: TrustFailure.wrongCluster) {
      try await key.publicKey.balancer(
        in: token, for: instance, cluster: "TEST", now: now)
    }
    let forged = try await self.token(signedBy: ClusterKey())
    await #expect(throws: TrustFailure.wrongSignature) {
      try await key.publicKey.balancer(
        in: forged, for: instance, cluster: "PROD", now: now)
    }
  }

  @Test("a desired state is not a token")
  func otherPurpose() async throws {
    let document = try await key.sign(
      DesiredState(
        cluster: "PROD", instance: instance, epoch: "e", revision: 1, admission: .accepting,
        limit: nil, unlicensedReason: nil, removed: false, drain: nil))
    await #expect(throws: TrustFailure.wrongPurpose) {
      try await key.publicKey.balancer(
        in: document, for: instance, cluster: "PROD", now: now)
    }
  }
}

@Suite("The cluster's key is 32 bytes, kept as base64url")
struct ClusterKeyTests {
  @Test("the seed gives the same key again")
  func seed() throws {
    let key = ClusterKey()
    let again = try ClusterKey(seed: key.seed)
    #expect(again.publicKey == key.publicKey)
    #expect(try ClusterPublicKey(key.publicKey.text) == key.publicKey)
    #expect(ClusterKey().publicKey != key.publicKey)
  }

  @Test(
    "anything else is refused and not repeated",
    arguments: ["", "AAAA", "hunter2!", String(repeating: "A", count: 44), "AA==\n"])
  func refused(text: String) {
    #expect(throws: InvalidValue(field: "publicKey", complaint: "must be 32 bytes in base64url")) {
      try ClusterPublicKey(text)
    }
    #expect(throws: InvalidValue(field: "seed", complaint: "must be 32 bytes in base64url")) {
      try ClusterKey(seed: text)
    }
  }
}
