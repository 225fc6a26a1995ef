internal import ClusterModel

/// A connection on which the server announces every write to the registry.
final class PostgresListener {
  private let connection: PostgresConnection

  /// Opens one, if announcements arrive on it.
  ///
  /// A pool that gives a session to the next program after each transaction (PgBouncer, `pool_mode
  /// = transaction`) accepts LISTEN and forwards nothing, without an error. So a session that is
  /// not the server's own must first receive an announcement that we make.
  ///
  /// - Parameter work: The connection that makes this announcement.
  /// - Returns: Nil where it does not arrive in time.
  static func open(
    _ address: PostgresAddress, options: PostgresOptions, echoing work: PostgresConnection
  ) throws(DatabaseFault) -> PostgresListener? {
    let connection = try PostgresConnection(address, options: options)
    if !connection.isDirect {
      let isHeard = try hearsEcho(connection, of: work, within: options.echoMilliseconds)
      guard isHeard else { return nil }
    }
    try connection.listen(PostgresSchema.channel)
    return PostgresListener(connection)
  }

  private init(_ connection: PostgresConnection) {
    self.connection = connection
  }

  private static func hearsEcho(
    _ connection: PostgresConnection, of work: PostgresConnection, within milliseconds: Int
  ) throws(DatabaseFault) -> Bool {
    // A unique name: another balancer behind the same pool must not answer for us.
    let channel = "aos_echo_\(UInt64.random(in: 1...UInt64.max))"
    try connection.listen(channel)
    do { try work.execute("SELECT pg_notify($1, '')", [.text(channel)]) } catch {
      throw DatabaseFault(error)
    }
    let isHeard = try connection.waitForAnnouncement(milliseconds: milliseconds)
    // In a pool other programs will get this session.
    try connection.script("UNLISTEN \(channel)")
    return isHeard
  }

  /// Becomes readable when the server sends something.
  var socket: Int32 { connection.socket }

  /// The processes that announced something since the last call.
  func announcers() throws(DatabaseFault) -> [Int32] { try connection.announcers() }

  /// Checks whether the server still answers.
  func check() throws(DatabaseFault) { try connection.script("SELECT 1") }
}

/// Identifies one state of the tables: the counter of writes to the configuration, and the values
/// in the log of actions that change with every write there.
struct PostgresMark: Equatable {
  private var writes: Int64
  private var lastAction: Int64
  private var waitingActions: Int64

  init(in session: some SQLSession) throws {
    let sql = """
      SELECT checked, (SELECT coalesce(max(id), 0) FROM action),
        (SELECT count(*) FROM action WHERE NOT delivered) FROM cluster
      """
    guard var row = try session.query(sql, []).first else { throw DatabaseFault.gone }
    writes = try row.next()
    lastAction = try row.next()
    waitingActions = try row.next()
  }
}
