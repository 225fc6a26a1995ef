internal import ClusterModel

/// The results of the requests of the last 24 hours that had a key.
enum RequestTable {
  struct Entry: Equatable {
    var revision: Int64
    var concerned: [InstanceID]
    var firstAction: Int64
    var actionCount: Int64
    /// The digest of the request; nil in an entry of a release that kept none.
    var digest: [UInt8]?
    var note: String?
  }

  private static let keptMilliseconds: Int64 = 24 * 60 * 60 * 1_000

  /// The entry of this request, unless it is too old.
  static func find(
    _ id: String, actor: String, at: Timestamp, in session: some SQLSession
  ) throws -> Entry? {
    let rows = try session.query(
      """
      SELECT revision, concerned, first_action, action_count, digest, note FROM request
      WHERE actor = $1 AND id = $2 AND at > $3
      """, [.text(actor), .text(id), .integer(oldest(at))])
    guard var row = rows.first else { return nil }
    do {
      let revision = try row.next(Int64.self)
      // An id contains no comma.
      let names = try row.next(String.self).split(separator: ",")
      return Entry(
        revision: revision, concerned: names.compactMap { try? InstanceID(String($0)) },
        firstAction: try row.next(), actionCount: try row.next(),
        digest: try row.next(), note: try row.next())
    } catch {
      throw UnreadableValue(place: "table request: \(error.plainWords)")
    }
  }

  /// Keeps an entry and deletes those that are too old.
  static func keep(
    _ entry: Entry, id: String, actor: String, at: Timestamp, in session: some SQLSession
  ) throws {
    try session.execute("DELETE FROM request WHERE at <= $1", [.integer(oldest(at))])
    try session.execute(
      """
      INSERT INTO request
        (actor, id, at, revision, concerned, first_action, action_count, digest, note)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      ON CONFLICT (actor, id) DO UPDATE SET at = excluded.at, revision = excluded.revision,
        concerned = excluded.concerned, first_action = excluded.first_action,
        action_count = excluded.action_count, digest = excluded.digest, note = excluded.note
      """,
      [
        .text(actor), .text(id), .integer(at.milliseconds), .integer(entry.revision),
        .text(entry.concerned.map(\.text).joined(separator: ",")), .integer(entry.firstAction),
        .integer(entry.actionCount), entry.digest.map(SQLValue.bytes) ?? .null,
        entry.note.sqlValue,
      ])
  }

  /// Entries of this time or earlier are too old.
  private static func oldest(_ now: Timestamp) -> Int64 {
    now.adding(milliseconds: -keptMilliseconds).milliseconds
  }
}
