internal import CPostgres
internal import ClusterModel
internal import Glibc

/// One connection to a PostgreSQL server. It blocks its caller, but never forever: if an answer
/// does not come in time, the connection counts as lost.
final class PostgresConnection: SQLSession {
  private let handle: OpaquePointer
  private let options: PostgresOptions
  /// When the open transaction must be finished; nil outside a transaction.
  private var deadline: ContinuousClock.Instant?
  /// The number of the server's process, as notifications name it.
  private(set) var processID: Int32 = 0
  /// Whether the server itself is at the other end, and not a connection pool. Only then does a
  /// session keep its settings between two transactions.
  private(set) var isDirect = true
  private var isListening = false

  /// - Throws: `DatabaseFault` where the server cannot be reached in time.
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

  /// Finds out what is at the other end. A connection pool reports its own number at the start of a
  /// session, and forwards the question to the server.
  private func findOut() throws {
    guard var row = try query("SELECT pg_backend_pid()", []).first else { return }
    processID = Int32(clamping: try row.next(Int64.self))
    isDirect = processID == PQbackendPID(handle)
  }

  deinit {
    PQfinish(handle)
  }

  /// Becomes readable when the server sends something. This connection keeps ownership.
  var socket: Int32 { PQsocket(handle) }

  // MARK: - Statements

  func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
    let results = try send { PostgresParameters(values).send(sql, on: handle) }
    return results.last?.rows ?? []
  }

  /// Runs statements of the program that have no values.
  func script(_ sql: String) throws(DatabaseFault) {
    _ = try send { PQsendQuery(handle, sql) }
  }

  /// Begins a transaction, which must be finished within its time limit.
  ///
  /// Behind a pool each transaction may run in another session, so it sets its settings itself.
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

  /// Rolls the transaction back.
  func rollBack() throws(DatabaseFault) {
    defer { deadline = nil }
    try script("ROLLBACK")
  }

  /// Commits the transaction.
  ///
  /// - Throws: A fault that says whether the commit may have succeeded.
  func commit() throws(DatabaseFault) {
    defer { deadline = nil }
    let results: [PostgresResult]
    do { results = try send { PQsendQuery(handle, "COMMIT") } } catch {
      var fault = error
      // After an error the server has rolled back. Any other fault may follow a commit.
      fault.leavesOutcomeOpen = !fault.keepsConnection
      throw fault
    }
    // A transaction that had failed before answers with these words, and without an error.
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

  /// Waits for the next announcement and takes it.
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

  /// Drops announcements on a connection that does not listen. In a pool it may receive those of
  /// another program's channels, and libpq would keep them forever.
  private func forgetAnnouncements() {
    guard !isListening else { return }
    while let notification = PQnotifies(handle) { PQfreemem(notification) }
  }

  /// Starts to collect announcements on a channel for `announcers`.
  func listen(_ channel: String) throws(DatabaseFault) {
    isListening = true
    try script("LISTEN \(channel)")
  }

  /// The server gives up first and reports the reason.
  private var patience: Duration {
    .milliseconds(options.statementMilliseconds + options.graceMilliseconds)
  }

  /// - Returns: The result of each statement.
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

  /// Waits until the next result can be read without waiting.
  private func waitUntilIdle(
    deadline: ContinuousClock.Instant
  ) throws(DatabaseFault) {
    while PQisBusy(handle) == 1 {
      guard deadline > .now else { throw .lost("it does not answer") }
      if waitForInput(until: deadline), PQconsumeInput(handle) != 1 { throw .lost(lastWords) }
    }
  }

  /// The next step finds out what happened: data, nothing yet, or a lost connection.
  @discardableResult
  private func waitForInput(until deadline: ContinuousClock.Instant) -> Bool {
    let left = max(.zero, deadline - .now)
    let milliseconds =
      left.components.seconds * 1_000
      + left.components.attoseconds / 1_000_000_000_000_000 + 1
    var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, Int32(clamping: milliseconds)) > 0
  }

  /// The first line of libpq's message. It never contains a password.
  private var lastWords: String {
    guard let message = PQerrorMessage(handle) else { return "no reason was given" }
    let line = String(cString: message).split(separator: "\n").first ?? "no reason was given"
    return PlainText.cleaned(String(line))
  }
}

/// How connections are made.
extension PostgresConnection {
  /// The settings for libpq, before there is a connection.
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
    // Of several servers, use the one that accepts changes.
    settings["target_session_attrs"] = settings["target_session_attrs"] ?? "read-write"
    settings["connect_timeout"] = "\(options.connectSeconds)"
    settings["keepalives"] = "1"
    settings["keepalives_idle"] = "5"
    settings["keepalives_interval"] = "2"
    settings["keepalives_count"] = "3"
    settings["tcp_user_timeout"] = "\(options.statementMilliseconds)"
    return settings
  }

  /// The settings that every transaction relies on, and the server's side of the time limits: it
  /// must not keep the lock of a balancer that became silent.
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

  /// How the server notices that a balancer's machine is gone.
  private static func lineSettings(
    _ options: PostgresOptions
  ) -> [(name: String, value: String)] {
    [
      ("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"),
      ("tcp_keepalives_count", "3"), ("tcp_user_timeout", "\(options.statementMilliseconds)"),
    ]
  }

  /// If a commit were answered before it is on the disk, a loss of power would lose it.
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
  /// How a transaction of this kind begins.
  fileprivate var beginning: String {
    switch self {
    case .reading: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    // Each statement sees the state at its own start, and the lock comes first. So a balancer that
    // waited for the lock decides with the result of the other one.
    case .writing: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    }
  }
}
