internal import ClusterModel

/// The steps to the current signing key.
enum RotationTable {
  private static let names = "number, from_key, to_key, document, at"

  /// The steps that are kept, oldest first.
  static func readAll(from session: some SQLSession) throws -> [KeyRotation] {
    try session.query("SELECT \(names) FROM key_rotation ORDER BY number", []).map { row in
      var row = row
      do {
        return KeyRotation(
          number: try row.next(), from: try row.next(), to: try row.next(),
          document: try row.next(), at: try row.next())
      } catch {
        throw UnreadableValue(place: "table key_rotation: \(error.plainWords)")
      }
    }
  }

  /// Adds steps and deletes the oldest.
  static func append(_ rotations: [KeyRotation], to session: some SQLSession) throws {
    for rotation in rotations {
      try session.execute(
        "INSERT INTO key_rotation (\(names)) VALUES ($1, $2, $3, $4, $5)",
        [
          .integer(rotation.number), .text(rotation.from), .text(rotation.to),
          .text(rotation.document), .integer(rotation.at.milliseconds),
        ])
    }
    guard let last = rotations.last else { return }
    try session.execute(
      "DELETE FROM key_rotation WHERE number <= $1",
      [.integer(last.number - Int64(Limits.keySteps))])
  }

  /// Times are milliseconds since 1970. Every step comes with a write to the cluster's row, which
  /// counts and announces it.
  static func schema(_ dialect: SQLDialect) -> String {
    """
    CREATE TABLE IF NOT EXISTS \(dialect.table("key_rotation")) (
      number \(dialect.number) PRIMARY KEY,
      from_key text NOT NULL,
      to_key text NOT NULL,
      document text NOT NULL,
      at \(dialect.number) NOT NULL
    )\(dialect.tableEnding);
    """
  }
}
