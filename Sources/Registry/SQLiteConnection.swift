internal import ClusterModel
internal import GRDB

/// One open file of a registry. Belongs to one `SQLiteRegistry`, which calls it from its queue.
final class SQLiteConnection {
  private let path: String
  private let identity: FileIdentity
  private let queue: DatabaseQueue
  private let options: SQLiteOptions
  let epoch: String
  /// What was read or written last, good for as long as nobody else has written.
  private var known: (version: Int64, contents: RegistryContents)?
  /// The version for which `hasNews` was last answered.
  private var announced: Int64

  /// - Parameter mayCreate: Makes the file and the registry in it where there is none.
  init(path: String, cluster: String, options: SQLiteOptions, mayCreate: Bool) throws(SQLiteFault) {
    self.path = path
    self.options = options
    if mayCreate { try DatabaseFile.prepare(path: path) }
    guard let identity = FileIdentity(path: path) else { throw SQLiteFault.moved() }
    self.identity = identity
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration(options))
      let entry = try SQLiteSchema.open(queue, cluster: cluster, mayCreate: mayCreate)
      epoch = entry.epoch
      announced = try queue.writeWithoutTransaction { db in try Self.version(db) }
    } catch {
      throw SQLiteFault(error)
    }
  }

  private static func configuration(_ options: SQLiteOptions) -> Configuration {
    var configuration = Configuration()
    configuration.label = "aos.registry"
    configuration.busyMode = .timeout(Double(options.busyTimeoutMilliseconds) / 1_000)
    configuration.prepareDatabase { db in
      // A change is on the disk before it is answered. NORMAL would lose the last ones with the
      // power.
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
    }
    return configuration
  }

  func contents() throws(SQLiteFault) -> RegistryContents {
    try run(.deferred) { db in try self.read(db) }
  }

  func actions(limit: Int) throws(SQLiteFault) -> [ActionRecord] {
    try run(.deferred) { db in try ActionTable.last(limit, from: SQLiteSession(db)) }
  }

  func confirm(_ obeyed: [InstanceID: Int64]) throws(SQLiteFault) -> [ActionRecord] {
    // Nearly always nobody waits, and then nothing is locked.
    let waiting = try run(.deferred) { db in
      try ActionTable.waiting(among: obeyed, in: SQLiteSession(db))
    }
    guard !waiting.isEmpty else { return [] }
    return try run(.immediate) { db in
      try waiting.flatMap { id in
        try ActionTable.confirm(id, revision: obeyed[id] ?? 0, in: SQLiteSession(db))
      }
    }
  }

  func settle(action: Int64, delivered: Bool, result: String?) throws(SQLiteFault) {
    try run(.immediate) { db in
      try ActionTable.settle(
        action, delivered: delivered, result: result, in: SQLiteSession(db))
    }
  }

  /// Writes something that means nothing.
  func checkWriting() throws(SQLiteFault) {
    try run(.immediate) { db in try ClusterTable.touch(in: SQLiteSession(db)) }
  }

  /// Whether somebody else has written since this was last asked.
  func hasNews() throws(SQLiteFault) -> Bool {
    guard FileIdentity(path: path) == identity else { throw SQLiteFault.moved() }
    do {
      let version = try queue.writeWithoutTransaction { db in try Self.version(db) }
      defer { announced = version }
      return version != announced
    } catch {
      throw SQLiteFault(error)
    }
  }

  /// - Returns: The commit, or what the decision threw.
  func change(
    _ request: ChangeRequest, decide: (inout RegistryContents) throws -> [ActionDraft]
  ) throws(SQLiteFault) -> Result<RegistryCommit, any Error> {
    let outcome = try run(.immediate) { db in
      try request.carryOut(
        on: self.read(db), actionsKept: self.options.actionsKept, in: SQLiteSession(db),
        decide: decide)
    }
    if case .success(let commit) = outcome, let version = known?.version {
      known = (version, commit.contents)
    }
    return outcome
  }

  private func read(_ db: Database) throws -> RegistryContents {
    let version = try Self.version(db)
    if let known, known.version == version { return known.contents }
    let session = SQLiteSession(db)
    guard let entry = try ClusterTable.read(from: session) else { throw SQLiteFault.moved() }
    let contents = entry.contents(
      instances: try InstanceRow.readAll(from: session),
      tokens: try TokenTable.readAll(from: session),
      rotations: try RotationTable.readAll(from: session))
    known = (version, contents)
    return contents
  }

  /// Differs after every commit of another connection, and after none of this one.
  private static func version(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "PRAGMA data_version") ?? 0
  }

  /// Runs work in a transaction of the file that the path still leads to: SQLite would go on
  /// writing into a deleted one, and lose it all.
  private func run<Value>(
    _ kind: Database.TransactionKind, _ work: (Database) throws -> Value
  ) throws(SQLiteFault) -> Value {
    guard FileIdentity(path: path) == identity else { throw SQLiteFault.moved() }
    do {
      return try queue.writeWithoutTransaction { db in
        try db.beginTransaction(kind)
        let value: Value
        do {
          value = try work(db)
          guard FileIdentity(path: path) == identity else { throw SQLiteFault.moved() }
        } catch {
          try? db.rollback()
          throw error
        }
        do { try db.commit() } catch {
          try? db.rollback()
          throw SQLiteFault(error, phase: .committing)
        }
        if kind == .immediate, FileIdentity(path: path) != identity {
          throw SQLiteFault.moved(.committing)
        }
        return value
      }
    } catch {
      let fault = SQLiteFault(error)
      if fault.phase == .committing { known = nil }
      throw fault
    }
  }

  func close() {
    try? queue.close()
  }
}
