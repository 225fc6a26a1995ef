import ClusterAPI
import ClusterClient
import ClusterModel
import ClusterTrust
import Foundation
import ServiceSupport
import Testing

/// What only the cluster's key opens at an instance.
@Suite("Forged documents and tokens at an instance", .timeLimit(.minutes(2)))
struct ForgedTokenTests {
  /// The routes of an instance that are for balancers.
  private static let routes: [(ClusterConnection.Method, String)] = [
    (.get, "/v1/load"), (.get, "/v1/sessions"), (.delete, "/v1/sessions/x"), (.get, "/metrics"),
  ]

  /// A JWT of any header and any claims, with a signature that is somebody's or nobody's.
  private static func jwt(
    _ header: String, _ claims: String, signature: String = ""
  ) -> String {
    "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(claims.utf8)).\(signature)"
  }

  /// Tokens that a balancer did not make for this instance, now.
  private static func forged(_ fixture: InstanceFixture) async throws -> [(String, String)] {
    let (key, id, now) = (fixture.key, fixture.id, SystemClock.now)
    let (balancer, other) = (try InstanceID("LB1"), try InstanceID("AOS02"))
    func token(
      _ signer: ClusterKey? = nil, for instance: InstanceID? = nil, cluster: String = "TEST",
      at seconds: Int64 = 0
    ) async throws -> String {
      try await (signer ?? key).balancerToken(
        balancer: balancer, instance: instance ?? id, cluster: cluster,
        now: now.adding(milliseconds: seconds * 1_000))
    }
    let good = try await token()
    let parts = good.split(separator: ".").map(String.init)
    let seconds = now.milliseconds / 1_000
    let claims =
      #"{"iss":"LB1","aud":"\#(id)","cluster":"TEST","iat":\#(seconds),"exp":\#(seconds + 60)}"#
    func header(_ alg: String) -> String { #"{"alg":"\#(alg)","typ":"aos-balancer+jwt"}"# }
    let signedByOther = try await token(ClusterKey())
    let expired = try await token(at: -3_600)
    let early = try await token(at: 3_600)
    let misdirected = try await token(for: other)
    let foreign = try await token(cluster: "PROD")
    let document = try await key.sign(fixture.desired(revision: 9))
    var tokens = [
      ("signed by another key", signedByOther), ("expired", expired), ("of the future", early),
      ("for another instance", misdirected), ("of another cluster", foreign),
      ("without a signature", "\(parts[0]).\(parts[1])."),
      ("with other claims", "\(parts[0]).\(Base64URL.encode(claims.utf8)).\(parts[2])"),
      ("a desired state", document),
      ("an access token", AccessSecret.example),
    ]
    for alg in ["none", "None", "NONE", "HS256", "RS256", "ES256", ""] {
      for signature in ["", parts[2], "AA"] {
        tokens.append(
          (
            "alg \(alg) signed \(signature.prefix(4))",
            jwt(header(alg), claims, signature: signature)
          ))
      }
    }
    tokens.append(("without alg", jwt(#"{"typ":"aos-balancer+jwt"}"#, claims)))
    return tokens
  }

  @Test(
    "clocks that are too far apart are named with their difference",
    arguments: [(-3_600, "ahead of"), (3_600, "behind")] as [(Int64, String)])
  func clocks(offset: Int64, way: String) async throws {
    try await InstanceFixture.run { fixture in
      let token = try await fixture.key.balancerToken(
        balancer: InstanceID("LB1"), instance: fixture.id, cluster: "TEST",
        now: SystemClock.now.adding(milliseconds: offset * 1_000))
      let answer = try await fixture.client.raw(
        .get, "/v1/load", headers: ["Authorization": "Bearer \(token)"])
      #expect(answer.status == 401)
      let problem = try WireJSON.decode(Problem.self, from: answer.bytes)
      let words = problem.detail.split(separator: " ")
      // The clock goes on while the test runs.
      let seconds = try #require(words.firstIndex(of: "is").flatMap { Int64(words[$0 + 1]) })
      #expect(abs(seconds - 3_600) < 1_800)
      #expect(problem.detail.hasPrefix("the clock of \(fixture.id) is "))
      #expect(problem.detail.hasSuffix(" s \(way) the balancer's."))
    }
  }

  @Test("no token but a balancer's own opens an instance's load feed, sessions and metrics")
  func tokens() async throws {
    try await InstanceFixture.run { fixture in
      let held = try await fixture.open()
      for (what, token) in try await Self.forged(fixture) {
        for (method, path) in Self.routes {
          let answer = try await fixture.client.raw(
            method, path, headers: ["Authorization": "Bearer \(token)"])
          #expect([401, 429].contains(answer.status), "\(what): \(method) \(path)")
          let text = String(decoding: answer.bytes, as: UTF8.self)
          #expect(!text.contains(token), "\(what) is repeated")
        }
      }
      // After all of this, the right one opens them: nobody locks a balancer out.
      let sessions = try await fixture.balancer().ownSessions()
      #expect(sessions.map(\.session) == [held.opened.session])
    }
  }

  @Test("no document but one of the cluster's key makes an instance do anything")
  func documents() async throws {
    try await InstanceFixture.run { fixture in
      let state = fixture.desired(revision: 99, admission: .rejecting)
      let claims = String(
        decoding: try WireJSON.encode(["desired": state]), as: UTF8.self)
      var documents = [
        try await ClusterKey().sign(state), claims,
        try await fixture.key.balancerToken(
          balancer: InstanceID("LB1"), instance: fixture.id, cluster: "TEST",
          now: SystemClock.now),
      ]
      let signature = try await fixture.key.sign(state).split(separator: ".").last ?? ""
      for alg in ["none", "None", "HS256", "EdDSA", ""] {
        for signed in ["", String(signature), "AA"] where !(alg == "EdDSA" && signed.count > 2) {
          documents.append(
            Self.jwt(#"{"alg":"\#(alg)","typ":"aos-desired+jwt"}"#, claims, signature: signed))
        }
      }
      let balancer = try await fixture.balancer()
      for document in documents {
        for door in [fixture.client, fixture.operators, balancer] {
          let name = await refusalName(of: { try await door.putDesired(document) })
          #expect(name == .unauthorized || name == .invalidRequest, "\(document.prefix(60))")
        }
      }
      #expect(try await fixture.refusal() == nil, "it takes clients as before")
    }
  }

  @Test("a balancer's token opens nothing at a balancer")
  func balancer() async throws {
    try await LiveCluster.run { cluster in
      let token = try await ClusterKey().balancerToken(
        balancer: InstanceID("LB1"), instance: InstanceID("LB1"), cluster: "TEST",
        now: SystemClock.now)
      let door = ClusterConnection(
        .http(cluster.balancerAddress), token: token, transport: cluster.transport)
      #expect(await problem { try await door.status() } == .unauthorized)
      #expect(await problem { try await door.change(.seats(1)) } == .unauthorized)
    }
  }
}

extension AccessSecret {
  fileprivate static var example: String {
    var random = SystemRandomNumberGenerator()
    return AccessSecret(using: &random).text
  }
}
