import Testing

@testable import ClusterModel
@testable import Registry

/// Access tokens in every registry.
@Suite struct TokenSuite {
  private static func token(_ id: String, revokedAt: Timestamp? = nil) -> AccessToken {
    AccessToken(
      id: id, name: "Änne 'drop table' \(id)", role: .operator,
      hash: Array(repeating: 0, count: 31) + [255], createdAt: noon, createdBy: "alice",
      revokedAt: revokedAt)
  }

  @Test("every field of a token comes back as it was written", arguments: RegistryKind.all)
  func fields(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    let commit = try await registry.change { contents in
      for role in TokenRole.allCases {
        var token = Self.token(role.rawValue)
        token.role = role
        contents.tokens[token.id] = token
      }
      contents.tokens["old"] = Self.token("old", revokedAt: noon.adding(milliseconds: 1))
      return []
    }
    #expect(commit.concerned.isEmpty, "no instance has to do anything else")
    #expect(commit.revision == 1)
    await registry.close()
    let read = try await bed.open().contents()
    #expect(read.tokens.count == 4)
    #expect(read == commit.contents)
  }

  @Test(
    "a revocation is read by another program, and a forgotten token is gone",
    arguments: RegistryKind.all)
  func revoked(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let left = try await bed.open()
    let right = try await bed.open()
    try await left.change { contents in
      for id in ["a", "b"] { contents.tokens[id] = Self.token(id) }
      return []
    }
    let signals = right.signals()
    try await left.change { contents in
      contents.tokens["a"]?.revokedAt = noon
      contents.tokens["b"] = nil
      return []
    }
    for await signal in signals {
      #expect(signal == .changed)
      if try await right.contents().tokens == ["a": Self.token("a", revokedAt: noon)] { break }
    }
  }
}

/// What only one of the databases can be told by hand.
@Suite struct TokenByHandTests {
  @Test("a token revoked by hand in PostgreSQL is noticed, and one of a later role opens nothing")
  func postgres() async throws {
    let server = try PostgresServer.shared.get()
    let database = try server.makeDatabase()
    let registry = try await DatabaseRegistry.open(database, cluster: "PROD", options: .quick)
    try await registry.change { contents in
      for id in ["a", "b"] {
        contents.tokens[id] = AccessToken(
          id: id, name: id, role: .viewer, hash: Array(repeating: 7, count: 32),
          createdAt: noon, createdBy: "alice")
      }
      return []
    }
    let signals = registry.signals()
    let hand = try server.connect(database)
    try hand.script("UPDATE aos.token SET revoked_at = 5 WHERE id = 'a'")
    try hand.script("UPDATE aos.token SET role = 'king' WHERE id = 'b'")
    for await signal in signals {
      #expect(signal == .changed)
      let tokens = try await registry.contents().tokens
      if tokens["b"] == nil {
        #expect(tokens["a"]?.isInForce(at: noon) == false)
        break
      }
    }
  }
}
