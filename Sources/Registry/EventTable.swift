internal import ClusterModel

/// The events of the cluster. They have their own table, so that events take no room from the
/// actions of operators.
enum EventTable {
  private static let names =
    "id, at, balancer, kind, instance, started_at, sessions, reason, times, first_at"

  /// Stores events and deletes the oldest beyond the limit.
  ///
  /// - Returns: These events as the registry has them now. An event that another balancer stored
  ///   first is returned as that balancer's.
  static func write(
    _ events: [ClusterEvent], kept: EventRetention, to session: some SQLSession
  ) throws -> [ClusterEvent] {
    var written: [ClusterEvent] = []
    var added: Set<InstanceID?> = []
    for event in events {
      guard let known = try find(event.name, in: session) else {
        written.append(try add(event, to: session))
        added.insert(event.instance)
        continue
      }
      guard let counted = event.counted(on: known) else {
        written.append(known)
        continue
      }
      try session.execute("DELETE FROM event WHERE id = $1", [known.id.sqlValue])
      written.append(try add(counted, to: session))
      added.insert(event.instance)
    }
    for instance in added {
      try session.execute(
        """
        DELETE FROM event WHERE instance = $1 AND id <=
          (SELECT id FROM event WHERE instance = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)
        """, [name(of: instance), .integer(Int64(kept.ofEachInstance))])
    }
    if !added.isEmpty {
      try session.execute(
        "DELETE FROM event WHERE id <= (SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET $1)",
        [.integer(Int64(kept.inAll))])
    }
    return written
  }

  /// The last events, newest first.
  static func last(_ query: EventQuery, from session: some SQLSession) throws -> [ClusterEvent] {
    let (before, limit) = (SQLValue.integer(query.before ?? .max), max(0, query.limit).sqlValue)
    guard let instance = query.instance else {
      return try session.query(
        "SELECT \(names) FROM event WHERE id < $1 ORDER BY id DESC LIMIT $2", [before, limit]
      ).map(event)
    }
    return try session.query(
      """
      SELECT \(names) FROM event WHERE id < $1 AND instance = $2 ORDER BY id DESC LIMIT $3
      """, [before, .text(instance.text), limit]
    ).map(event)
  }

  private static func find(
    _ name: ClusterEvent.Name, in session: some SQLSession
  ) throws -> ClusterEvent? {
    try session.query(
      """
      SELECT \(names) FROM event WHERE instance = $1 AND kind = $2 AND started_at = $3
      """,
      [Self.name(of: name.instance), .text(name.kind.rawValue), begun(name.startedAt)]
    ).first.map(event)
  }

  private static func add(
    _ event: ClusterEvent, to session: some SQLSession
  ) throws -> ClusterEvent {
    let rows = try session.query(
      """
      INSERT INTO event
        (at, balancer, kind, instance, started_at, sessions, reason, times, first_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      RETURNING id
      """,
      [
        event.at.sqlValue, event.balancer.sqlValue, .text(event.kind.rawValue),
        name(of: event.instance), begun(event.startedAt), event.sessions.sqlValue,
        event.reason.sqlValue, event.times.sqlValue, event.firstAt.sqlValue,
      ])
    guard var row = rows.first, rows.count == 1 else {
      throw UnreadableValue(place: "table event: a new row has no number")
    }
    var event = event
    event.id = try row.next(Int64.self)
    return event
  }

  /// An empty name stands for the whole cluster, since an index treats two NULLs as different.
  private static func name(of instance: InstanceID?) -> SQLValue { .text(instance?.text ?? "") }

  /// 0 stands for an unknown start.
  private static func begun(_ startedAt: Timestamp?) -> SQLValue {
    .integer(startedAt?.milliseconds ?? 0)
  }

  private static func event(_ row: SQLRow) throws -> ClusterEvent {
    var row = row
    var place = "?"
    do {
      let id = try row.next(Int64.self)
      place = "\(id)"
      let (at, balancer) = (try row.next(Timestamp.self), try row.next(InstanceID.self))
      let kind = OpenEnum<ClusterEvent.Kind>(try row.next(String.self))
      let (instance, begun) = (try row.next(String.self), try row.next(Int64.self))
      return ClusterEvent(
        id: id, at: at, balancer: balancer, kind: kind,
        instance: instance.isEmpty ? nil : try InstanceID(instance),
        startedAt: begun == 0 ? nil : Timestamp(milliseconds: begun),
        sessions: try row.next(), reason: try row.next(),
        // Bounded: an administrator may have written anything into the table.
        times: min(max(1, try row.next()), Limits.count), firstAt: try row.next())
    } catch {
      throw UnreadableValue(place: "table event, \(place): \(error.plainWords)")
    }
  }

  /// Times are milliseconds since 1970. Through the index two balancers store an event only once.
  static func schema(_ dialect: SQLDialect) -> [String] {
    let (table, number) = (dialect.table("event"), dialect.number)
    let made = [
      """
      CREATE TABLE IF NOT EXISTS \(table) (
        id \(dialect.numbering),
        at \(number) NOT NULL,
        balancer text NOT NULL,
        kind text NOT NULL,
        instance text NOT NULL,
        started_at \(number) NOT NULL,
        sessions \(number),
        reason text,
        times \(number) NOT NULL,
        first_at \(number) NOT NULL
      )\(dialect.tableEnding)
      """,
      "CREATE UNIQUE INDEX IF NOT EXISTS event_name ON \(table) (instance, kind, started_at)",
      "CREATE INDEX IF NOT EXISTS event_of_instance ON \(table) (instance, id)",
    ]
    guard dialect.announces else { return made }
    return made + [
      "DROP TRIGGER IF EXISTS announce ON \(table)",
      "CREATE TRIGGER announce AFTER INSERT OR UPDATE ON \(table) "
        + "FOR EACH STATEMENT EXECUTE FUNCTION \(dialect.table("announce"))()",
    ]
  }
}
