internal import ClusterModel

/// The log of actions.
///
/// Lines of instances are numbered separately from all others (`ordinal`), so that the oldest of
/// either can be deleted without counting.
enum ActionTable {
  private static let names =
    "id, at, actor, actor_kind, action, instance, reason, result, delivered, times"

  /// Adds actions and deletes the oldest beyond the limit.
  static func append(
    _ drafts: [ActionDraft], at: Timestamp, actor: ActionActor, kept: ActionRetention,
    to session: some SQLSession
  ) throws -> [ActionRecord] {
    // The last ordinal of either kind of line.
    var last: [Bool: Int64] = [:]
    let records = try drafts.map { draft in
      let ofInstance = isOfInstance(draft, by: actor)
      let times = try ofInstance ? takeRepeats(of: draft, by: actor, from: session) + 1 : 1
      var row = try only(
        session.query(
          adding,
          [
            at.milliseconds.sqlValue, actor.name.sqlValue, actor.kind.rawValue.sqlValue,
            draft.action.rawValue.sqlValue, (draft.instance?.text).sqlValue,
            draft.reason.sqlValue, draft.result.sqlValue, draft.delivered.sqlValue,
            times.sqlValue, .truth(ofInstance),
          ]))
      let id = try row.next(Int64.self)
      last[ofInstance] = try row.next()
      return ActionRecord(
        id: id, at: at, actor: actor.name, actorKind: actor.kind, action: .known(draft.action),
        instance: draft.instance, reason: draft.reason,
        result: result(draft.result, times: times), delivered: draft.delivered)
    }
    if last[true] != nil {
      for id in Set(records.compactMap(\.instance)) {
        try session.execute(
          forgettingOfOne, [.text(id.text), .integer(Int64(kept.ofEachInstance))])
      }
    }
    for (ofInstance, ordinal) in last {
      let most = Int64(ofInstance ? kept.ofInstances : kept.ofOperators)
      try session.execute(
        "DELETE FROM action WHERE of_instance = $1 AND ordinal <= $2",
        [.truth(ofInstance), .integer(ordinal - most)])
    }
    return records
  }

  /// Lines that an instance can cause without limit: all of its own, and the refused joins of
  /// others in its name.
  private static func isOfInstance(_ draft: ActionDraft, by actor: ActionActor) -> Bool {
    actor.kind == .instance || draft.action == .join && actor.kind == .token
  }

  private static let adding = """
    INSERT INTO action
      (at, actor, actor_kind, action, instance, reason, result, delivered, times, of_instance,
        ordinal)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
      (SELECT coalesce(max(ordinal), 0) + 1 FROM action WHERE of_instance = $10))
    RETURNING id, ordinal
    """

  private static let forgettingOfOne = """
    DELETE FROM action WHERE of_instance AND instance = $1 AND id <=
      (SELECT id FROM action WHERE of_instance AND instance = $1 ORDER BY id DESC
        LIMIT 1 OFFSET $2)
    """

  /// A line that the same actor causes again replaces the one before and raises its count. So
  /// changes that go back and forth do not fill the log, and nobody replaces another actor's line.
  ///
  /// - Returns: How often it happened before.
  private static func takeRepeats(
    of draft: ActionDraft, by actor: ActionActor, from session: some SQLSession
  ) throws -> Int {
    guard let instance = draft.instance, draft.delivered == nil else { return 0 }
    let rows = try session.query(
      """
      DELETE FROM action
      WHERE of_instance AND instance = $1 AND action = $2 AND result = $3 AND delivered IS NULL
        AND actor = $4 AND actor_kind = $5
      RETURNING times
      """,
      [
        .text(instance.text), .text(draft.action.rawValue), .text(draft.result),
        actor.name.sqlValue, actor.kind.rawValue.sqlValue,
      ])
    return try rows.reduce(0) { sum, row in
      var row = row
      // Bounded: an administrator may have written anything into the table.
      return min(sum + max(0, min(try row.next(), mostTimes)), mostTimes)
    }
  }

  private static let mostTimes = 1_000_000_000

  private static func result(_ words: String, times: Int) -> String {
    times > 1 ? "\(words) (\(times) times)" : words
  }

  /// The columns for the kinds of actors. Older lines of instances are recognised by their action.
  static func actors(_ dialect: SQLDialect) -> [String] {
    let (table, number, truth) = (dialect.table("action"), dialect.number, dialect.truth)
    return [
      "ALTER TABLE \(table) ADD COLUMN actor_kind text",
      "ALTER TABLE \(table) ADD COLUMN times \(number) NOT NULL DEFAULT 1",
      "ALTER TABLE \(table) ADD COLUMN ordinal \(number) NOT NULL DEFAULT 0",
      "ALTER TABLE \(table) ADD COLUMN of_instance \(truth.type) NOT NULL DEFAULT \(truth.no)",
      "UPDATE \(table) SET ordinal = id",
      "UPDATE \(table) SET of_instance = \(truth.yes) WHERE action = 'join'",
      "CREATE INDEX action_by_ordinal ON \(table) (of_instance, ordinal)",
      "CREATE INDEX action_of_instance ON \(table) (instance, id) WHERE of_instance",
    ]
  }

  /// The last actions, newest first.
  static func last(_ limit: Int, from session: some SQLSession) throws -> [ActionRecord] {
    try session.query(
      "SELECT \(names) FROM action ORDER BY id DESC LIMIT $1", [max(0, limit).sqlValue]
    ).map(record)
  }

  /// The actions of one commit, in the order in which they were logged.
  static func records(
    first: Int64, count: Int64, from session: some SQLSession
  ) throws -> [ActionRecord] {
    try session.query(
      "SELECT \(names) FROM action WHERE id >= $1 AND id < $2 ORDER BY id",
      [.integer(first), .integer(first + count)]
    ).map(record)
  }

  /// Stores the result of an action.
  static func recordOutcome(
    of id: Int64, delivered: Bool, result: String?, in session: some SQLSession
  ) throws {
    try session.execute(
      "UPDATE action SET delivered = $1, result = coalesce($2, result) WHERE id = $3",
      [.truth(delivered), result.sqlValue, .integer(id)])
  }

  /// The instances among these that have actions which are not delivered yet.
  static func waiting(
    among obeyed: [InstanceID: Int64], in session: some SQLSession
  ) throws -> [InstanceID] {
    let names = try session.query(
      "SELECT DISTINCT instance FROM action WHERE \(isWaiting)", []
    ).compactMap { row in
      var row = row
      return try row.next(String?.self)
    }
    return obeyed.keys.filter { names.contains($0.text) }.sorted()
  }

  /// Marks the actions of an instance up to this revision as delivered.
  ///
  /// - Returns: The actions that were not delivered before, ascending by id.
  static func confirm(
    _ id: InstanceID, revision: Int64, in session: some SQLSession
  ) throws -> [ActionRecord] {
    try session.query(
      """
      UPDATE action SET delivered = true WHERE instance = $1 AND \(isWaiting)
        AND EXISTS (SELECT 1 FROM instance WHERE id = $1 AND revision <= $2)
      RETURNING \(names)
      """, [.text(id.text), .integer(revision)]
    ).map(record).sorted { $0.id < $1.id }
  }

  /// The same condition as that of the index, so that the database uses it. The end of a session
  /// has no revision.
  private static let isWaiting =
    "NOT delivered AND action <> '\(ActionRecord.Kind.endSession.rawValue)'"

  /// Only a few of up to a hundred thousand lines wait.
  static func index(on table: String) -> String {
    "CREATE INDEX IF NOT EXISTS action_waiting ON \(table) (instance) WHERE NOT delivered"
  }

  private static func only(_ rows: [SQLRow]) throws -> SQLRow {
    guard let row = rows.first, rows.count == 1 else {
      throw UnreadableValue(place: "table action: a new row has no number")
    }
    return row
  }

  private static func record(_ row: SQLRow) throws -> ActionRecord {
    var row = row
    var place = "?"
    do {
      let id = try row.next(Int64.self)
      place = "\(id)"
      let (at, actor) = (try row.next(Timestamp.self), try row.next(String.self))
      let actorKind = try row.next(ActorKind?.self)
      var record = ActionRecord(
        id: id, at: at, actor: actor, actorKind: actorKind, action: OpenEnum(try row.next()),
        instance: try row.next(),
        reason: try row.next(), result: try row.next(), delivered: try row.next())
      record.result = result(record.result, times: try row.next())
      return record
    } catch {
      throw UnreadableValue(place: "table action, \(place): \(error.plainWords)")
    }
  }
}
