internal import ClusterModel
internal import GRDB

/// What came of the requests of the last 24 hours that carried an id.
enum RequestTable {
  struct Entry: Equatable {
    var revision: Int64
    var concerned: [InstanceID]
    var firstAction: Int64
    var actionCount: Int64
  }

  private static let keptMilliseconds: Int64 = 24 * 60 * 60 * 1_000

  /// The entry of this request, if it is not too old.
  static func find(
    _ id: String, actor: String, at: Timestamp, in db: Database
  ) throws -> Entry? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT revision, concerned, first_action, action_count FROM request
        WHERE actor = ? AND id = ? AND at > ?
        """)
    let oldest = at.adding(milliseconds: -keptMilliseconds).milliseconds
    guard let row = try Row.fetchOne(statement, arguments: [actor, id, oldest]) else { return nil }
    // A comma is no part of an id.
    let names = try row.decode(String.self, atIndex: 1).split(separator: ",")
    return Entry(
      revision: try row.decode(Int64.self, atIndex: 0),
      concerned: names.compactMap { try? InstanceID(String($0)) },
      firstAction: try row.decode(Int64.self, atIndex: 2),
      actionCount: try row.decode(Int64.self, atIndex: 3))
  }

  /// Keeps an entry, and forgets those that are too old.
  static func keep(
    _ entry: Entry, id: String, actor: String, at: Timestamp, in db: Database
  ) throws {
    try db.execute(
      sql: "DELETE FROM request WHERE at <= ?",
      arguments: [at.adding(milliseconds: -keptMilliseconds).milliseconds])
    try db.execute(
      sql: """
        INSERT OR REPLACE INTO request
          (actor, id, at, revision, concerned, first_action, action_count)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        actor, id, at.milliseconds, entry.revision,
        entry.concerned.map(\.text).joined(separator: ","), entry.firstAction,
        entry.actionCount,
      ])
  }
}

/// Who asks for a change, when, and under which name.
struct ChangeRequest {
  /// Nil: a repeat cannot be told from a new request.
  var id: String?
  var at: Timestamp
  var actor: String

  /// The commit of the same request, if it was carried out before.
  func findRepeat(
    in db: Database, contents: RegistryContents
  ) throws -> RegistryCommit? {
    guard let id, let entry = try RequestTable.find(id, actor: actor, at: at, in: db) else {
      return nil
    }
    return RegistryCommit(
      contents: contents, revision: entry.revision, concerned: entry.concerned,
      actions: try ActionTable.records(
        first: entry.firstAction, count: entry.actionCount, from: db),
      isRepeat: true)
  }

  /// Keeps the commit for repeats of this request.
  func keep(_ commit: RegistryCommit, in db: Database) throws {
    guard let id else { return }
    let entry = RequestTable.Entry(
      revision: commit.revision, concerned: commit.concerned,
      firstAction: commit.actions.first?.id ?? 0, actionCount: Int64(commit.actions.count))
    try RequestTable.keep(entry, id: id, actor: actor, at: at, in: db)
  }
}
