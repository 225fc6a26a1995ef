internal import ClusterModel

/// The access tokens: their hashes and their public parts, never a token itself.
enum TokenTable {
  private static let names =
    "id, name, role, hash, created_at, created_by, revoked_at, expires_at, most_instances"

  /// All tokens. A token with a role of a later release is left out: it has no rights here.
  ///
  /// - Throws: `UnreadableValue` naming the token whose row cannot be read.
  static func readAll(from session: some SQLSession) throws -> [String: AccessToken] {
    var tokens: [String: AccessToken] = [:]
    for row in try session.query("SELECT \(names) FROM token", []) {
      var row = row
      var place = "?"
      do {
        let id = try row.next(String.self)
        place = PlainText.cleaned(id)
        let name = try row.next(String.self)
        guard let role = TokenRole(rawValue: try row.next()) else { continue }
        tokens[id] = AccessToken(
          id: id, name: name, role: role, hash: try row.next(),
          createdAt: try row.next(), createdBy: try row.next(),
          revokedAt: try row.next(),
          expiresAt: try row.next(),
          mostInstances: try row.next())
      } catch {
        throw UnreadableValue(place: "table token, \(place): \(error.plainWords)")
      }
    }
    return tokens
  }

  /// Writes tokens and replaces those with the same id.
  static func write(_ tokens: [AccessToken], to session: some SQLSession) throws {
    for token in tokens {
      try session.execute(
        """
        INSERT INTO token (\(names)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role,
          hash = excluded.hash, created_at = excluded.created_at,
          created_by = excluded.created_by, revoked_at = excluded.revoked_at,
          expires_at = excluded.expires_at, most_instances = excluded.most_instances
        """,
        [
          .text(token.id), .text(token.name), .text(token.role.rawValue), .bytes(token.hash),
          .integer(token.createdAt.milliseconds), .text(token.createdBy),
          (token.revokedAt?.milliseconds).sqlValue, (token.expiresAt?.milliseconds).sqlValue,
          token.mostInstances.sqlValue,
        ])
    }
  }

  static func forget(_ ids: [String], in session: some SQLSession) throws {
    for id in ids { try session.execute("DELETE FROM token WHERE id = $1", [.text(id)]) }
  }

  /// When tokens expire, and how many ids each may own.
  static func bounds(_ dialect: SQLDialect) -> [String] {
    let table = dialect.table("token")
    return [
      "ALTER TABLE \(table) ADD COLUMN expires_at \(dialect.number)",
      "ALTER TABLE \(table) ADD COLUMN most_instances \(dialect.number) NOT NULL DEFAULT "
        + "\(AccessToken.usualInstances)",
    ]
  }

  /// Times are milliseconds since 1970.
  static let schemaForSQLite = """
    CREATE TABLE token (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      role TEXT NOT NULL,
      hash BLOB NOT NULL CHECK (length(hash) = 32),
      created_at INTEGER NOT NULL,
      created_by TEXT NOT NULL,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    """

  /// A token that an administrator revokes by SQL counts as a write, as an instance does.
  static let schemaForPostgres = """
    CREATE TABLE aos.token (
      id text PRIMARY KEY,
      name text NOT NULL,
      role text NOT NULL,
      hash bytea NOT NULL CHECK (length(hash) = 32),
      created_at bigint NOT NULL,
      created_by text NOT NULL,
      revoked_at bigint
    );
    CREATE TRIGGER count_tokens AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON aos.token
      FOR EACH STATEMENT EXECUTE FUNCTION aos.count_instances();
    """
}
