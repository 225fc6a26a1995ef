internal import ClusterModel

/// The log of actions.
enum ActionTable {
  private static let names = "id, at, actor, action, instance, reason, result, delivered"

  /// Adds actions, and forgets the oldest beyond `kept`.
  static func append(
    _ drafts: [ActionDraft], at: Timestamp, actor: String, kept: Int, to session: some SQLSession
  ) throws -> [ActionRecord] {
    let sql = """
      INSERT INTO action (at, actor, action, instance, reason, result, delivered)
      VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
      """
    let records = try drafts.map { draft in
      var row = try only(
        session.query(
          sql,
          [
            at.milliseconds.sqlValue, actor.sqlValue, draft.action.rawValue.sqlValue,
            (draft.instance?.text).sqlValue, draft.reason.sqlValue, draft.result.sqlValue,
            draft.delivered.sqlValue,
          ]))
      return ActionRecord(
        id: try row.next(), at: at, actor: actor, action: draft.action,
        instance: draft.instance, reason: draft.reason, result: draft.result,
        delivered: draft.delivered)
    }
    if let last = records.last {
      try session.execute("DELETE FROM action WHERE id <= $1", [.integer(last.id - Int64(kept))])
    }
    return records
  }

  /// The last actions, newest first.
  static func last(_ limit: Int, from session: some SQLSession) throws -> [ActionRecord] {
    try session.query(
      "SELECT \(names) FROM action ORDER BY id DESC LIMIT $1", [max(0, limit).sqlValue]
    ).compactMap(record)
  }

  /// Those of one commit, in the order in which they were logged.
  static func records(
    first: Int64, count: Int64, from session: some SQLSession
  ) throws -> [ActionRecord] {
    try session.query(
      "SELECT \(names) FROM action WHERE id >= $1 AND id < $2 ORDER BY id",
      [.integer(first), .integer(first + count)]
    ).compactMap(record)
  }

  /// Writes down what came of an action.
  static func settle(
    _ id: Int64, delivered: Bool, result: String?, in session: some SQLSession
  ) throws {
    try session.execute(
      "UPDATE action SET delivered = $1, result = coalesce($2, result) WHERE id = $3",
      [.truth(delivered), result.sqlValue, .integer(id)])
  }

  /// Those of these instances that wait for actions of theirs to be delivered.
  static func waiting(
    among obeyed: [InstanceID: Int64], in session: some SQLSession
  ) throws -> [InstanceID] {
    let names = try session.query(
      "SELECT DISTINCT instance FROM action WHERE \(isWaiting)", []
    ).compactMap { row in
      var row = row
      return try row.nextIfAny(String.self)
    }
    return obeyed.keys.filter { names.contains($0.text) }.sorted()
  }

  /// Writes down that an instance obeys everything up to this revision, if that is all there is.
  ///
  /// - Returns: What was not delivered before, ascending by id.
  static func confirm(
    _ id: InstanceID, revision: Int64, in session: some SQLSession
  ) throws -> [ActionRecord] {
    try session.query(
      """
      UPDATE action SET delivered = true WHERE instance = $1 AND \(isWaiting)
        AND EXISTS (SELECT 1 FROM instance WHERE id = $1 AND revision <= $2)
      RETURNING \(names)
      """, [.text(id.text), .integer(revision)]
    ).compactMap(record).sorted { $0.id < $1.id }
  }

  /// As the index is made, so that it serves. Whether a session has ended is no matter of
  /// revisions.
  private static let isWaiting =
    "NOT delivered AND action <> '\(ActionRecord.Kind.endSession.rawValue)'"

  /// Few wait, of up to a hundred thousand that are kept.
  static func index(on table: String) -> String {
    "CREATE INDEX IF NOT EXISTS action_waiting ON \(table) (instance) WHERE NOT delivered"
  }

  private static func only(_ rows: [SQLRow]) throws -> SQLRow {
    guard let row = rows.first, rows.count == 1 else {
      throw UnreadableValue(place: "table action: a new row has no number")
    }
    return row
  }

  /// Nil for a kind that only a later release knows.
  private static func record(_ row: SQLRow) throws -> ActionRecord? {
    var row = row
    var place = "?"
    do {
      let id = try row.next(Int64.self)
      place = "\(id)"
      let (at, actor) = (Timestamp(milliseconds: try row.next()), try row.next(String.self))
      guard let kind = ActionRecord.Kind(rawValue: try row.next()) else { return nil }
      return ActionRecord(
        id: id, at: at, actor: actor, action: kind,
        instance: try row.nextIfAny(String.self).map { try InstanceID($0) },
        reason: try row.nextIfAny(), result: try row.next(), delivered: try row.nextIfAny())
    } catch {
      throw UnreadableValue(place: "table action, \(place): \(error)")
    }
  }
}
