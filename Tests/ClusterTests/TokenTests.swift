import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Testing

/// Making and revoking access tokens.
@Suite("Access tokens", .timeLimit(.minutes(2)))
struct TokenTests {
  @Test("a token is made over the Unix socket, shown once, and listed without its secret")
  func made() async throws {
    try await LiveCluster.run { cluster in
      let made = try await cluster.makeToken(.operator, name: "ana")
      let text = try #require(made.token)
      #expect(made.role == .operator)
      #expect(text.hasPrefix("aos_\(made.id)_"))
      let listing = try await cluster.operators.raw(.get, "/v1/tokens")
      let list: TokenList = try listing.decoded()
      #expect(list.tokens.map(\.name) == ["ana"])
      #expect(list.tokens.map(\.token) == [nil])
      #expect(!String(decoding: listing.bytes, as: UTF8.self).contains("hash"))
      let unnamed = try await cluster.makeToken(.viewer)
      #expect(unnamed.name == "viewer-\(unnamed.id)")
    }
  }

  @Test("the registry keeps a hash and no token")
  func hashed() async throws {
    try await LiveCluster.run { cluster in
      let text = try #require(try await cluster.makeToken(.operator, name: "ana").token)
      let secret = text.suffix(43)
      var isThere = false
      for ending in ["", "-wal"] {
        let path = cluster.databasePath + ending
        guard let bytes = FileManager.default.contents(atPath: path) else { continue }
        isThere = isThere || bytes.range(of: Data("ana".utf8)) != nil
        #expect(bytes.range(of: Data(secret.utf8)) == nil)
      }
      #expect(isThere, "the name at least is in the file")
    }
  }

  @Test("making and revoking are in the log with their actor, and without the secret")
  func logged() async throws {
    try await LiveCluster.run { cluster in
      let made = try await cluster.makeToken(.viewer, name: "screen")
      let revoked = try await cluster.revokeToken(made.id)
      #expect(revoked.revokedAt != nil)
      let answer = try await cluster.operators.raw(.get, "/v1/actions")
      let actions = try answer.decoded(ActionList.self).actions.prefix(2)
      #expect(actions.compactMap(\.action.known) == [.revokeToken, .createToken])
      #expect(actions.allSatisfy { $0.result.contains("screen") && $0.result.contains(made.id) })
      #expect(Set(actions.map(\.actor)) == [NSUserName()])
      let secret = try #require(made.token).suffix(43)
      #expect(!String(decoding: answer.bytes, as: UTF8.self).contains(secret))
    }
  }

  @Test("two tokens in force have two names, and a request that is repeated makes no second one")
  func doubles() async throws {
    try await LiveCluster.run { cluster in
      let made = try await cluster.makeToken(.viewer, name: "ana")
      #expect(
        await problem { try await cluster.makeToken(.operator, name: "ana") } == .alreadyExists)
      let twice = ["Idempotency-Key": "k1"]
      let first = try await cluster.operators.raw(
        .post, "/v1/tokens", body: .json(TokenRequest(role: .viewer, name: "eva")), headers: twice)
      #expect(first.status == 201)
      let second = try await cluster.operators.raw(
        .post, "/v1/tokens", body: .json(TokenRequest(role: .viewer, name: "eva")), headers: twice)
      #expect(second.status == 409)
      #expect(!String(decoding: second.bytes, as: UTF8.self).contains("aos_"))
      let reused = try await cluster.operators.raw(
        .delete, "/v1/tokens/\(made.id)", headers: twice)
      #expect(reused.status == 409, "the key is that of another request")
      _ = try await cluster.revokeToken(made.id)
      _ = try await cluster.makeToken(.operator, name: "ana")
      #expect(await problem { try await cluster.revokeToken("0000000000") } == .unknownToken)
    }
  }

  @Test(
    "a wrong request makes no token",
    arguments: [
      "{}", #"{"role":"king"}"#, #"{"role":"viewer","name":""}"#, #"{"role":null}"#,
      #"{"role":"viewer","name":"a\u0007"}"#, #"{"role":"viewer","name":"\u202eana"}"#,
      #"{"role":"viewer","name":"\#(String(repeating: "a", count: 65))"}"#, "[]", "",
      // Ids belong to tokens of the role instance alone, and a token ends in the future.
      #"{"role":"viewer","instances":3}"#, #"{"role":"operator","replaces":"0123456789"}"#,
      #"{"role":"viewer","owns":["AOS01"]}"#, #"{"role":"instance","instances":0}"#,
      #"{"role":"instance","instances":10001}"#, #"{"role":"instance","owns":["a b"]}"#,
      #"{"role":"viewer","expiresAt":"2001-01-01T00:00:00Z"}"#,
      #"{"role":"viewer","expiresAt":"tomorrow"}"#,
    ])
  func refused(body: String) async throws {
    try await LiveCluster.run { cluster in
      let answer = try await cluster.operators.raw(
        .post, "/v1/tokens",
        body: RequestBody(contentType: "application/json", bytes: Array(body.utf8)))
      #expect(answer.status == 400)
      let list: TokenList = try await cluster.operators.get("/v1/tokens")
      #expect(list.tokens == [])
    }
  }
}

extension LiveCluster {
  /// Makes a token as an operator on the machine does.
  func makeToken(_ role: TokenRole, name: String? = nil) async throws -> TokenInfo {
    try await operators.send(.post, "/v1/tokens", body: TokenRequest(role: role, name: name))
  }

  func revokeToken(_ id: String) async throws -> TokenInfo {
    try await operators.raw(.delete, "/v1/tokens/\(id)").decoded()
  }
}
