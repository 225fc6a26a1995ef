internal import ClusterModel
internal import GRDB

/// The log of actions in SQLite.
enum ActionTable {
  private static let names = "id, at, actor, action, instance, reason, result, delivered"

  /// Adds actions, and forgets the oldest beyond `kept`.
  static func append(
    _ drafts: [ActionDraft], at: Timestamp, actor: String, kept: Int, to db: Database
  ) throws -> [ActionRecord] {
    guard !drafts.isEmpty else { return [] }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO action (at, actor, action, instance, reason, result, delivered)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    let records = try drafts.map { draft in
      try statement.execute(arguments: [
        at.milliseconds, actor, draft.action.rawValue, draft.instance?.text, draft.reason,
        draft.result, draft.delivered,
      ])
      return ActionRecord(
        id: db.lastInsertedRowID, at: at, actor: actor, action: draft.action,
        instance: draft.instance, reason: draft.reason, result: draft.result,
        delivered: draft.delivered)
    }
    try db.execute(
      sql: "DELETE FROM action WHERE id <= ?", arguments: [db.lastInsertedRowID - Int64(kept)])
    return records
  }

  /// The last actions, newest first.
  static func last(_ limit: Int, from db: Database) throws -> [ActionRecord] {
    let statement = try db.cachedStatement(
      sql: "SELECT \(names) FROM action ORDER BY id DESC LIMIT ?")
    return try Row.fetchAll(statement, arguments: [max(0, limit)]).compactMap(record)
  }

  /// Those of one commit, in the order in which they were logged.
  static func records(
    first: Int64, count: Int64, from db: Database
  ) throws -> [ActionRecord] {
    let statement = try db.cachedStatement(
      sql: "SELECT \(names) FROM action WHERE id >= ? AND id < ? ORDER BY id")
    return try Row.fetchAll(statement, arguments: [first, first + count]).compactMap(record)
  }

  /// Writes down what came of an action.
  static func settle(
    _ id: Int64, delivered: Bool, result: String?, in db: Database
  ) throws {
    try db.execute(
      sql: "UPDATE action SET delivered = ?, result = coalesce(?, result) WHERE id = ?",
      arguments: [delivered, result, id])
  }

  /// Nil for a kind that only a later release knows.
  private static func record(_ row: Row) throws -> ActionRecord? {
    let id = try row.decode(Int64.self, atIndex: 0)
    guard let kind = ActionRecord.Kind(rawValue: try row.decode(String.self, atIndex: 3)) else {
      return nil
    }
    let instance: InstanceID?
    do {
      instance = try row.decode(String?.self, atIndex: 4).map { try InstanceID($0) }
    } catch {
      throw SQLiteFault.unreadable("table action, \(id): instance \(error)")
    }
    return ActionRecord(
      id: id, at: Timestamp(milliseconds: try row.decode(Int64.self, atIndex: 1)),
      actor: try row.decode(String.self, atIndex: 2), action: kind, instance: instance,
      reason: try row.decode(String?.self, atIndex: 5),
      result: try row.decode(String.self, atIndex: 6),
      delivered: try row.decode(Bool?.self, atIndex: 7))
  }
}
