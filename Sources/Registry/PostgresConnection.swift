internal import CPostgres
internal import ClusterModel
internal import Glibc

/// One connection to a PostgreSQL server. It blocks its caller, but never forever: an answer
/// that does not come in time is a lost connection.
final class PostgresConnection: SQLSession {
  private let handle: OpaquePointer
  private let options: PostgresOptions
  /// When the transaction that is open must be over; nil outside of one.
  private var deadline: ContinuousClock.Instant?
  /// The server's process, as it names itself in notifications.
  private(set) var processID: Int32 = 0
  /// The server itself is at the other end, and not a pool of connections. Only then does a
  /// session keep what it is told between two transactions.
  private(set) var isDirect = true
  private var isListening = false

  /// - Throws: `DatabaseFault` where the server cannot be reached within the time for that.
  init(_ address: PostgresAddress, options: PostgresOptions) throws(DatabaseFault) {
    let settings = Self.settings(address, options: options).sorted { $0.key < $1.key }
    guard let handle = Self.connect(settings) else {
      throw DatabaseFault(complaint: "cannot be reached: out of memory")
    }
    self.handle = handle
    self.options = options
    cpostgres_silence(handle)
    guard PQstatus(handle) == CONNECTION_OK else {
      throw DatabaseFault(complaint: "cannot be reached: \(lastWords)")
    }
    let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) }
    guard encoding == "UTF8" else {
      throw .notOurs("keeps its text in \(encoding ?? "an unknown encoding"), not in UTF8")
    }
    do {
      try findOut()
      guard isDirect else { return }
      for (name, value) in Self.sessionSettings(options) + Self.lineSettings(options) {
        try execute("SELECT set_config($1, $2, false)", [.text(name), .text(value)])
      }
      try script(Self.durability(local: false))
    } catch {
      throw DatabaseFault(error)
    }
  }

  /// Learns who is at the other end. A pool of connections tells a number of its own at the start
  /// of a session, and passes the question on.
  private func findOut() throws {
    guard var row = try query("SELECT pg_backend_pid()", []).first else { return }
    processID = Int32(clamping: try row.next(Int64.self))
    isDirect = processID == PQbackendPID(handle)
  }

  deinit {
    PQfinish(handle)
  }

  /// Becomes readable when the server says something. Stays this connection's own.
  var socket: Int32 { PQsocket(handle) }

  // MARK: - Statements

  func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
    let results = try send { PostgresParameters(values).send(sql, on: handle) }
    return results.last?.rows ?? []
  }

  /// Runs statements that are part of the program, without values.
  func script(_ sql: String) throws(DatabaseFault) {
    _ = try send { PQsendQuery(handle, sql) }
  }

  /// Begins a transaction, which must be over within the time for one.
  ///
  /// Behind a pool each transaction may run in another session, so it brings its settings along.
  func begin(_ kind: TransactionKind) throws(DatabaseFault) {
    deadline = .now + patience
    var text = kind.beginning
    if !isDirect {
      for (name, value) in Self.sessionSettings(options) {
        text += "; SET LOCAL \(name) = '\(value)'"
      }
      text += "; " + Self.durability(local: true)
    }
    try script(text)
  }

  /// Undoes what the transaction did.
  func rollBack() throws(DatabaseFault) {
    defer { deadline = nil }
    try script("ROLLBACK")
  }

  /// Ends the transaction and keeps what it did.
  ///
  /// - Throws: A fault that says whether it may be there all the same.
  func commit() throws(DatabaseFault) {
    defer { deadline = nil }
    let results: [PostgresResult]
    do { results = try send { PQsendQuery(handle, "COMMIT") } } catch {
      var fault = error
      // With an error the server undid it. Whatever else comes may follow a commit.
      fault.leavesOutcomeOpen = !fault.keepsConnection
      throw fault
    }
    // A transaction that had failed before ends with these words, and without an error.
    guard results.last?.command == "COMMIT" else {
      throw DatabaseFault(complaint: "undid the change")
    }
  }

  /// The processes that announced something on this connection's channels since the last call.
  func announcers() throws(DatabaseFault) -> [Int32] {
    guard PQconsumeInput(handle) == 1 else { throw .lost(lastWords) }
    var announcers: [Int32] = []
    while let notification = PQnotifies(handle) {
      announcers.append(notification.pointee.be_pid)
      PQfreemem(notification)
    }
    return announcers
  }

  /// Waits for the next announcement, and takes it.
  ///
  /// - Returns: False where none came in time.
  func waitForAnnouncement(milliseconds: Int) throws(DatabaseFault) -> Bool {
    let deadline = ContinuousClock.now + .milliseconds(milliseconds)
    while try announcers().isEmpty {
      guard deadline > .now else { return false }
      waitForInput(until: deadline)
    }
    return true
  }

  /// Nobody asks a connection for announcements that is not listening. In a pool it may hear those
  /// of another program's channels, and they would be kept forever.
  private func forgetAnnouncements() {
    guard !isListening else { return }
    while let notification = PQnotifies(handle) { PQfreemem(notification) }
  }

  /// Has announcements on a channel kept for `announcers`.
  func listen(_ channel: String) throws(DatabaseFault) {
    isListening = true
    try script("LISTEN \(channel)")
  }

  /// The server gives up first, and says why.
  private var patience: Duration {
    .milliseconds(options.statementMilliseconds + options.graceMilliseconds)
  }

  /// - Returns: What each statement gave.
  private func send(_ start: () -> Int32) throws(DatabaseFault) -> [PostgresResult] {
    let deadline = deadline ?? .now + patience
    guard start() == 1 else { throw .lost(lastWords) }
    var results: [PostgresResult] = []
    var fault: DatabaseFault?
    while true {
      try waitUntilIdle(deadline: deadline)
      guard let pointer = PQgetResult(handle) else { break }
      let result = PostgresResult(pointer)
      results.append(result)
      fault = fault ?? result.fault
    }
    forgetAnnouncements()
    if PQstatus(handle) != CONNECTION_OK {
      fault =
        fault.map { fault in
          var lost = fault
          lost.keepsConnection = false
          return lost
        } ?? .lost(lastWords)
    }
    if let fault { throw fault }
    return results
  }

  /// Waits until the next result can be had without waiting.
  private func waitUntilIdle(
    deadline: ContinuousClock.Instant
  ) throws(DatabaseFault) {
    while PQisBusy(handle) == 1 {
      guard deadline > .now else { throw .lost("it does not answer") }
      if waitForInput(until: deadline), PQconsumeInput(handle) != 1 { throw .lost(lastWords) }
    }
  }

  /// Whatever it returns, the next step finds out: news, nothing yet, or a broken connection.
  @discardableResult
  private func waitForInput(until deadline: ContinuousClock.Instant) -> Bool {
    let left = max(.zero, deadline - .now)
    let milliseconds =
      left.components.seconds * 1_000
      + left.components.attoseconds / 1_000_000_000_000_000 + 1
    var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, Int32(clamping: milliseconds)) > 0
  }

  /// The first line of what libpq has to say. It never says a password.
  private var lastWords: String {
    guard let message = PQerrorMessage(handle) else { return "no reason was given" }
    let line = String(cString: message).split(separator: "\n").first ?? "no reason was given"
    return PlainText.cleaned(String(line))
  }
}

/// How connections are made.
extension PostgresConnection {
  /// For libpq, before there is a connection.
  private static func settings(
    _ address: PostgresAddress, options: PostgresOptions
  ) -> [String: String] {
    var settings = address.settings
    var environment: [String: String] = [:]
    for name in ["PGSSLMODE", "PGHOST"] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    settings["sslmode"] = settings["sslmode"] ?? address.protection(environment: environment)
    settings["user"] = address.user
    let servers = address.servers
    if servers.contains(where: { $0.host != nil }) {
      settings["host"] = servers.map { $0.host ?? "" }.joined(separator: ",")
    }
    if servers.contains(where: { $0.port != nil }) {
      settings["port"] = servers.map { $0.port.map(String.init) ?? "" }.joined(separator: ",")
    }
    settings["dbname"] = address.database
    settings["client_encoding"] = "UTF8"
    settings["fallback_application_name"] = "aosd"
    // Of a group of servers, the one that takes changes.
    settings["target_session_attrs"] = settings["target_session_attrs"] ?? "read-write"
    settings["connect_timeout"] = "\(options.connectSeconds)"
    settings["keepalives"] = "1"
    settings["keepalives_idle"] = "5"
    settings["keepalives_interval"] = "2"
    settings["keepalives_count"] = "3"
    settings["tcp_user_timeout"] = "\(options.statementMilliseconds)"
    return settings
  }

  /// What every transaction relies on, and the server's end of the time limits: it must not keep
  /// the lock of a balancer that fell silent.
  private static func sessionSettings(
    _ options: PostgresOptions
  ) -> [(name: String, value: String)] {
    [
      ("search_path", PostgresSchema.name),
      ("bytea_output", "hex"),
      ("statement_timeout", "\(options.statementMilliseconds)"),
      ("lock_timeout", "\(options.lockMilliseconds)"),
      ("idle_in_transaction_session_timeout", "\(options.statementMilliseconds)"),
    ]
  }

  /// How the server finds out that a balancer's machine is gone.
  private static func lineSettings(
    _ options: PostgresOptions
  ) -> [(name: String, value: String)] {
    [
      ("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"),
      ("tcp_keepalives_count", "3"), ("tcp_user_timeout", "\(options.statementMilliseconds)"),
    ]
  }

  /// A commit that is answered before it is on the disk would be lost with the power.
  private static func durability(local: Bool) -> String {
    """
    SELECT set_config('synchronous_commit', 'on', \(local))
    WHERE current_setting('synchronous_commit') = 'off'
    """
  }

  private static func connect(_ settings: [(key: String, value: String)]) -> OpaquePointer? {
    let names = settings.map { strdup($0.key) }
    let values = settings.map { strdup($0.value) }
    defer { for text in names + values { free(text) } }
    let keywords = names.map { UnsafePointer($0) } + [nil]
    return PQconnectdbParams(keywords, values.map { UnsafePointer($0) } + [nil], 0)
  }
}

extension TransactionKind {
  /// How PostgreSQL begins it.
  fileprivate var beginning: String {
    switch self {
    case .reading: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    // What a statement of it reads is as new as the statement, and the lock comes first: so the
    // one who waited for it decides on what the other one left.
    case .writing: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    }
  }
}
