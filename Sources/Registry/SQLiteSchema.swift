internal import ClusterModel
internal import GRDB
internal import Glibc

/// The tables of a registry, as migrations. New ones are added; old ones never change.
enum SQLiteSchema {
  /// `aosr`, in the header of the file: distinguishes a registry from a database of another
  /// program.
  private static let applicationID: Int32 = 0x616F_7372

  /// Checks that the database is a registry of that cluster and of this release. If it is empty,
  /// makes one.
  ///
  /// Two programs that make the same new file at once may block each other. SQLite then refuses one
  /// of them without waiting, whatever the busy timeout (sqlite.org, sqlite3_busy_handler). That
  /// one begins again and finds what the other has made.
  ///
  /// - Parameter milliseconds: How long it tries again.
  static func open(
    _ queue: DatabaseQueue, cluster: String, mayCreate: Bool, milliseconds: Int
  ) throws -> ClusterTable.Entry {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while true {
      do {
        return try openOnce(queue, cluster: cluster, mayCreate: mayCreate)
      } catch let error as DatabaseError
        where error.resultCode == .SQLITE_BUSY && ContinuousClock.now < end
      {
        usleep(10_000)
      }
    }
  }

  private static func openOnce(
    _ queue: DatabaseQueue, cluster: String, mayCreate: Bool
  ) throws -> ClusterTable.Entry {
    try queue.writeWithoutTransaction { db in
      // Check before anything is written: the file may belong to another program.
      try requireRegistry(db, mayCreate: mayCreate)
      try db.execute(sql: "PRAGMA journal_mode = WAL")
    }
    try migrate(queue)
    return try queue.write { db in
      try ClusterTable.claim(for: cluster, in: SQLiteSession(db))
    }
  }

  /// Makes the tables in an empty file, or migrates those of a copy.
  static func prepare(_ queue: DatabaseQueue, mayCreate: Bool) throws {
    do {
      try queue.writeWithoutTransaction { db in try requireRegistry(db, mayCreate: mayCreate) }
    } catch let fault as DatabaseFault where fault == .moved {
      throw DatabaseFault.notOurs("holds no registry")
    }
    try migrate(queue)
  }

  /// Two programs may migrate the same file at once. The second one finds a part or all of the work
  /// done, and continues from there.
  private static func migrate(_ queue: DatabaseQueue) throws {
    var done = 0
    while true {
      do { return try migrator.migrate(queue) } catch {
        let applied = try queue.read { db in try migrator.appliedMigrations(db).count }
        guard applied > done else { throw error }
        done = applied
      }
    }
  }

  /// Reads the file's owner and its tables in one transaction. Between two transactions, another
  /// program that opens the same new file could have written both.
  private static func requireRegistry(_ db: Database, mayCreate: Bool) throws {
    try db.inTransaction(.deferred) {
      try checkOwner(db, mayCreate: mayCreate)
      return .commit
    }
  }

  private static func checkOwner(_ db: Database, mayCreate: Bool) throws {
    let owner = try Int32.fetchOne(db, sql: "PRAGMA application_id")
    if owner == applicationID {
      guard try !migrator.hasBeenSuperseded(db) else {
        throw DatabaseFault.notOurs("was written by a newer release of this program")
      }
      return
    }
    // The migrator's own table exists a moment before the first migration.
    let tables = try Int.fetchOne(
      db,
      sql: """
        SELECT count(*) FROM sqlite_schema
        WHERE name NOT GLOB 'sqlite_*' AND name NOT GLOB 'grdb_*'
        """)
    guard owner == 0, tables == 0 else {
      throw DatabaseFault.notOurs("is a database of another program")
    }
    guard mayCreate else { throw DatabaseFault.moved }
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 cluster, instances, actions, requests") { db in
      try db.execute(sql: first)
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    }
    migrator.registerMigration("2 access tokens") { db in
      try db.execute(sql: TokenTable.schemaForSQLite)
    }
    migrator.registerMigration("3 instances that speak TLS") { db in
      try db.execute(sql: "ALTER TABLE instance ADD COLUMN tls INTEGER NOT NULL DEFAULT 0")
    }
    migrator.registerMigration("4 license") { db in try db.execute(sql: license) }
    migrator.registerMigration("5 what requests asked for") { db in
      try db.execute(
        sql: "ALTER TABLE request ADD COLUMN digest BLOB; ALTER TABLE request ADD COLUMN note TEXT")
    }
    migrator.registerMigration("6 actions that wait for their delivery") { db in
      try db.execute(sql: ActionTable.index(on: "action"))
    }
    for migration in SharedMigrations.all {
      migrator.registerMigration(migration.name) { db in
        for statement in migration.statements(.sqlite) { try db.execute(sql: statement) }
      }
    }
    return migrator
  }

  private static let license = """
    ALTER TABLE cluster ADD COLUMN license_document TEXT;
    ALTER TABLE cluster ADD COLUMN license_holder TEXT;
    ALTER TABLE cluster ADD COLUMN license_seats INTEGER;
    ALTER TABLE cluster ADD COLUMN license_expires_at INTEGER;
    ALTER TABLE cluster ADD COLUMN license_ended_by TEXT;
    ALTER TABLE instance ADD COLUMN unlicensed_reason TEXT;
    """

  /// Times are milliseconds since 1970; true and false are 1 and 0.
  private static let first = """
    CREATE TABLE cluster (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      name TEXT NOT NULL,
      epoch TEXT NOT NULL,
      signing_key BLOB NOT NULL CHECK (length(signing_key) = 32),
      revision INTEGER NOT NULL,
      seats INTEGER,
      checked INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE instance (
      id TEXT PRIMARY KEY,
      address TEXT NOT NULL,
      services_address TEXT,
      role TEXT NOT NULL,
      services TEXT NOT NULL,
      own_maximum INTEGER NOT NULL,
      operator_limit INTEGER,
      admission TEXT NOT NULL,
      admission_at INTEGER NOT NULL,
      admission_by TEXT NOT NULL,
      admission_reason TEXT,
      drain_started_at INTEGER,
      drain_started_with INTEGER,
      drain_message TEXT,
      drain_close_idle_after_seconds INTEGER,
      drain_deadline INTEGER,
      drain_until_restart INTEGER,
      registration INTEGER NOT NULL,
      seat INTEGER,
      removed_at INTEGER,
      revision INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE action (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      actor TEXT NOT NULL,
      action TEXT NOT NULL,
      instance TEXT,
      reason TEXT,
      result TEXT NOT NULL,
      delivered INTEGER
    ) STRICT;

    CREATE TABLE request (
      actor TEXT NOT NULL,
      id TEXT NOT NULL,
      at INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      concerned TEXT NOT NULL,
      first_action INTEGER NOT NULL,
      action_count INTEGER NOT NULL,
      PRIMARY KEY (actor, id)
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX request_by_time ON request (at);
    """
}
