internal import CPostgres
internal import ClusterModel
internal import Glibc

/// One connection to a PostgreSQL server. It blocks its caller, but never for ever: an answer
/// that does not come in time is a lost connection.
final class PostgresConnection: SQLSession {
  private let handle: OpaquePointer
  private let patience: Duration

  /// - Throws: `PostgresFault` where the server cannot be reached within the time for that.
  init(_ address: PostgresAddress, options: PostgresOptions) throws(PostgresFault) {
    let settings = Self.settings(address, options: options).sorted { $0.key < $1.key }
    guard let handle = Self.connect(settings) else {
      throw PostgresFault(complaint: "cannot be reached: out of memory")
    }
    self.handle = handle
    // The server gives up first, and says why.
    patience = .milliseconds(options.statementMilliseconds + options.graceMilliseconds)
    cpostgres_silence(handle)
    guard PQstatus(handle) == CONNECTION_OK else {
      throw PostgresFault(complaint: "cannot be reached: \(lastWords)")
    }
    let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) }
    guard encoding == "UTF8" else {
      throw .notOurs("keeps its text in \(encoding ?? "an unknown encoding"), not in UTF8")
    }
    do {
      for (name, value) in Self.sessionSettings(options) {
        try execute("SELECT set_config($1, $2, false)", [.text(name), .text(value)])
      }
      // A commit that is answered before it is on the disk would be lost with the power.
      try execute(
        """
        SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off'
        """, [])
    } catch {
      throw PostgresFault(error)
    }
  }

  deinit {
    PQfinish(handle)
  }

  /// Names this connection in the notifications that it causes.
  var processID: Int32 { PQbackendPID(handle) }

  /// Becomes readable when the server says something. Stays this connection's own.
  var socket: Int32 { PQsocket(handle) }

  // MARK: - Statements

  func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
    let results = try send { PostgresParameters(values).send(sql, on: handle) }
    return results.last?.rows ?? []
  }

  /// Runs statements that are part of the program, without values.
  func script(_ sql: String) throws(PostgresFault) {
    _ = try send { PQsendQuery(handle, sql) }
  }

  /// Ends the transaction and keeps what it did.
  ///
  /// - Throws: A fault that says whether it may be there all the same.
  func commit() throws(PostgresFault) {
    let results: [PostgresResult]
    do { results = try send { PQsendQuery(handle, "COMMIT") } } catch {
      var fault = error
      // With an error the server undid it. Whatever else comes may follow a commit.
      fault.leavesOutcomeOpen = !fault.keepsConnection
      throw fault
    }
    // A transaction that had failed before ends with these words, and without an error.
    guard results.last?.command == "COMMIT" else {
      throw PostgresFault(complaint: "undid the change")
    }
  }

  /// The processes that announced something on this connection's channels since the last call.
  func announcers() throws(PostgresFault) -> [Int32] {
    guard PQconsumeInput(handle) == 1 else { throw .lost(lastWords) }
    var announcers: [Int32] = []
    while let notification = PQnotifies(handle) {
      announcers.append(notification.pointee.be_pid)
      PQfreemem(notification)
    }
    return announcers
  }

  /// - Returns: What each statement gave.
  private func send(_ start: () -> Int32) throws(PostgresFault) -> [PostgresResult] {
    let deadline = ContinuousClock.now + patience
    guard start() == 1 else { throw .lost(lastWords) }
    var results: [PostgresResult] = []
    var fault: PostgresFault?
    while true {
      try waitUntilIdle(deadline: deadline)
      guard let pointer = PQgetResult(handle) else { break }
      let result = PostgresResult(pointer)
      results.append(result)
      fault = fault ?? result.fault
    }
    if PQstatus(handle) != CONNECTION_OK {
      fault = fault.map { fault in
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
  ) throws(PostgresFault) {
    while PQisBusy(handle) == 1 {
      let left = deadline - .now
      guard left > .zero else { throw .lost("it does not answer") }
      let milliseconds = left.components.seconds * 1_000
        + left.components.attoseconds / 1_000_000_000_000_000 + 1
      var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      // Whatever poll says, the next step finds out: news, nothing yet, or a broken connection.
      let count = poll(&descriptor, 1, Int32(clamping: milliseconds))
      if count > 0, PQconsumeInput(handle) != 1 { throw .lost(lastWords) }
    }
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
    settings["host"] = address.host
    settings["port"] = address.port.map { "\($0)" }
    settings["dbname"] = address.database
    settings["client_encoding"] = "UTF8"
    settings["fallback_application_name"] = "aosd"
    // Of a group of servers, the one that takes changes.
    settings["target_session_attrs"] = "read-write"
    settings["connect_timeout"] = "\(options.connectSeconds)"
    settings["keepalives"] = "1"
    settings["keepalives_idle"] = "5"
    settings["keepalives_interval"] = "2"
    settings["keepalives_count"] = "3"
    settings["tcp_user_timeout"] = "\(options.statementMilliseconds)"
    return settings
  }

  /// For the server's end: it must not keep the lock of a balancer that fell silent.
  private static func sessionSettings(
    _ options: PostgresOptions
  ) -> [(name: String, value: String)] {
    [
      ("search_path", PostgresSchema.name),
      ("bytea_output", "hex"),
      ("statement_timeout", "\(options.statementMilliseconds)"),
      ("lock_timeout", "\(options.lockMilliseconds)"),
      ("idle_in_transaction_session_timeout", "\(options.statementMilliseconds)"),
      ("tcp_keepalives_idle", "5"),
      ("tcp_keepalives_interval", "2"),
      ("tcp_keepalives_count", "3"),
      ("tcp_user_timeout", "\(options.statementMilliseconds)"),
    ]
  }

  private static func connect(_ settings: [(key: String, value: String)]) -> OpaquePointer? {
    let names = settings.map { strdup($0.key) }
    let values = settings.map { strdup($0.value) }
    defer { for text in names + values { free(text) } }
    let keywords = names.map { UnsafePointer($0) } + [nil]
    return PQconnectdbParams(keywords, values.map { UnsafePointer($0) } + [nil], 0)
  }
}
