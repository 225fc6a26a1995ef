import ClusterModel
import Testing

@testable import Balancing

@Suite("Decisions about access tokens")
struct TokenDecisionTests {
  private let now = Timestamp(milliseconds: 1_800_000_000_000)

  private func token(_ id: String, name: String? = nil) -> AccessToken {
    AccessToken(
      id: id, name: name ?? id, role: .viewer, hash: Array(repeating: 1, count: 32),
      createdAt: now, createdBy: "root")
  }

  @Test("a name belongs to one token in force, and is free again when that is revoked")
  func names() throws {
    var contents = RegistryContents(cluster: "TEST", epoch: "e")
    let made = try contents.create(token("1", name: "ana"), at: now)
    #expect(made.map(\.result) == ["viewer token 1 for ana"])
    #expect(throws: TokenRefusal.nameTaken("ana")) {
      try contents.create(token("2", name: "ana"), at: now)
    }
    #expect(contents.tokens.count == 1)
    let ended = try contents.revokeToken("1", at: now)
    #expect(ended?.action == .revokeToken)
    _ = try contents.create(token("2", name: "ana"), at: now)
    #expect(contents.tokens["1"]?.revokedAt == now)
    #expect(contents.tokens["2"]?.isInForce(at: now) == true)
  }

  @Test("revoking twice changes nothing, and an unknown one is refused")
  func twice() throws {
    var contents = RegistryContents(cluster: "TEST", epoch: "e")
    _ = try contents.create(token("1"), at: now)
    _ = try contents.revokeToken("1", at: now)
    let before = contents
    #expect(try contents.revokeToken("1", at: now.adding(milliseconds: 9)) == nil)
    #expect(contents == before)
    #expect(throws: TokenRefusal.unknown) { try contents.revokeToken("2", at: now) }
  }

  @Test("tokens in force and tokens that are over are both bounded")
  func bounds() throws {
    var contents = RegistryContents(cluster: "TEST", epoch: "e")
    for number in 0..<RegistryContents.mostTokens {
      _ = try contents.create(token("\(number)"), at: now)
    }
    #expect(throws: TokenRefusal.tooMany(RegistryContents.mostTokens)) {
      try contents.create(token("more"), at: now)
    }
    for number in 0..<200 {
      _ = try contents.revokeToken("\(number)", at: now.adding(milliseconds: Int64(number)))
    }
    let ended = contents.tokens.values.filter { !$0.isInForce(at: now) }
    #expect(ended.count == RegistryContents.revokedTokensKept)
    #expect(Set(ended.map(\.id)) == Set((100..<200).map { "\($0)" }), "the newest are kept")
  }
}
