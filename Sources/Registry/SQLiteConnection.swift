internal import ClusterModel
internal import GRDB

/// A registry in one file, which other programs of this machine can share.
struct SQLitePlace: RegistryPlace {
  let path: String
  let cluster: String
  let settings: SQLiteOptions

  var kind: DatabaseURL.Kind { .sqlite }
  var name: String { path }
  var options: any RegistryOptions { settings }
  var isAtHand: Bool { true }
  var pollingRemark: String? { nil }

  func connect(mayCreate: Bool) throws(DatabaseFault) -> sending any RegistryConnection {
    try SQLiteConnection(path: path, cluster: cluster, options: settings, mayCreate: mayCreate)
  }

  func backUp(to file: String) async throws(RegistryFailure) {
    try await RegistryCopier().copy(path, to: file)
  }
}

/// One open registry file.
final class SQLiteConnection: RegistryConnection {
  private let path: String
  private let identity: FileIdentity
  private let queue: DatabaseQueue
  let epoch: String
  let actionsKept: ActionRetention
  var known: (version: Int64, contents: RegistryContents)?
  /// The version at the last answer of `hasNews`.
  private var announced: Int64

  /// - Parameter mayCreate: Whether to make the file and its registry if there is none.
  init(
    path: String, cluster: String, options: SQLiteOptions, mayCreate: Bool
  ) throws(DatabaseFault) {
    self.path = path
    actionsKept = options.actionsKept
    if mayCreate { try DatabaseFile.prepare(path: path) }
    // A link that leads nowhere is checked, too: somebody may have made it.
    if mayCreate || FileIdentity(path: path) != nil { try DatabaseFile.shut(path) }
    guard let identity = FileIdentity(path: path) else { throw DatabaseFault.moved }
    self.identity = identity
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration(options))
      epoch = try SQLiteSchema.open(
        queue, cluster: cluster, mayCreate: mayCreate,
        milliseconds: options.busyTimeoutMilliseconds
      ).epoch
      announced = try queue.writeWithoutTransaction { db in
        try Self.version(in: SQLiteSession(db))
      }
    } catch {
      throw DatabaseFault(error)
    }
  }

  deinit {
    try? queue.close()
  }

  private static func configuration(_ options: SQLiteOptions) -> Configuration {
    var configuration = Configuration()
    configuration.label = "aos.registry"
    configuration.busyMode = .timeout(Double(options.busyTimeoutMilliseconds) / 1_000)
    configuration.prepareDatabase { db in
      // A change is on the disk before it is answered. With NORMAL a loss of power would lose the
      // last ones.
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
    }
    return configuration
  }

  /// Changes to a file are not announced.
  var socket: Int32? { nil }
  func hasAnnouncement() -> Bool { false }

  func hasNews() throws(DatabaseFault) -> Bool {
    try requireFile()
    do {
      let version = try queue.writeWithoutTransaction { db in
        try Self.version(in: SQLiteSession(db))
      }
      defer { announced = version }
      return version != announced
    } catch {
      throw DatabaseFault(error)
    }
  }

  func version(_ kind: TransactionKind, in session: some SQLSession) throws -> Int64 {
    try Self.version(in: session)
  }

  /// Changes with every commit of another connection, and never with one of this connection.
  private static func version(in session: some SQLSession) throws -> Int64 {
    guard var row = try session.query("PRAGMA data_version", []).first else { return 0 }
    return try row.next()
  }

  /// SQLite would go on writing into a file that no path leads to any more, and lose everything.
  private func requireFile() throws(DatabaseFault) {
    guard FileIdentity(path: path) == identity else { throw DatabaseFault.moved }
  }

  func run<Value>(
    _ kind: TransactionKind, keeps: (Value) -> Bool, _ body: (any SQLSession) throws -> Value
  ) throws(DatabaseFault) -> Value {
    do {
      try requireFile()
      return try queue.writeWithoutTransaction { db in
        try db.beginTransaction(kind == .writing ? .immediate : .deferred)
        let value: Value
        do {
          value = try body(SQLiteSession(db))
          try requireFile()
          guard keeps(value) else {
            try db.rollback()
            return value
          }
        } catch {
          try? db.rollback()
          throw error
        }
        do { try db.commit() } catch {
          try? db.rollback()
          throw DatabaseFault(error, committing: true)
        }
        if kind == .writing, FileIdentity(path: path) != identity {
          var fault = DatabaseFault.moved
          fault.leavesOutcomeOpen = true
          throw fault
        }
        return value
      }
    } catch {
      throw DatabaseFault(error)
    }
  }
}
