internal import ClusterModel
internal import GRDB
internal import Glibc

/// Copies registries between files and servers. It has its own queue, since a copy takes a while
/// and nobody else should wait for it.
package actor RegistryCopier {
  private let executor = QueueExecutor(label: "aos.registry.copying")

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  package init() {}

  /// The time limit for one statement of a copy, in milliseconds.
  private static let statementMilliseconds = 120_000

  // MARK: Backup

  /// Copies the registry in a file into an empty file.
  func copy(_ path: String, to file: String) throws(RegistryFailure) {
    do {
      guard FileIdentity(path: path) != nil else { throw DatabaseFault.moved }
      try Self.copyFile(path, to: file)
    } catch { throw DatabaseFault(error).failure(of: path) }
  }

  /// Copies the registry on a server into an empty file, in its state at one moment.
  func copy(
    _ address: PostgresAddress, of cluster: String, to file: String
  ) throws(RegistryFailure) {
    do {
      let source = try PostgresConnection(address, options: Self.patient)
      try source.begin(.reading)
      guard let entry = try ClusterTable.read(from: source), entry.name == cluster else {
        throw DatabaseFault.gone
      }
      let queue = try DatabaseQueue(path: file)
      try SQLiteSchema.prepare(queue, mayCreate: true)
      try queue.write { db in
        let target = SQLiteSession(db)
        for table in try CopiedTable.all(in: target) { try table.copy(from: source, to: target) }
      }
      try queue.close()
      try source.rollBack()
    } catch let error as DatabaseError {
      throw DatabaseFault(error).failure(of: file)
    } catch { throw DatabaseFault(error).failure(of: address.description) }
  }

  /// SQLite's own copy of everything that is committed, in one file.
  private static func copyFile(_ path: String, to file: String) throws {
    // SQLite would wait for a writer of a pipe.
    var info = stat()
    guard stat(path, &info) != 0 || info.st_mode & S_IFMT == S_IFREG else {
      throw DatabaseFault.notOurs("is not a file")
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(Double(TimeLimit.fileLock) / 1_000)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "VACUUM INTO ?", arguments: [file])
    }
    try queue.close()
  }

  private static var patient: PostgresOptions {
    var options = PostgresOptions()
    options.statementMilliseconds = statementMilliseconds
    return options
  }

  // MARK: Restore

  /// Restores a backup to a place without a registry.
  ///
  /// - Parameters:
  ///   - backup: A file of `backUp`, of this release or an older one. It is only read.
  ///   - place: A file that does not exist, or a database without a registry.
  /// - Returns: The cluster's name, and the number of its last change.
  /// - Throws: `unusable` where trying again cannot help.
  package func restore(
    _ backup: String, to place: DatabaseURL
  ) throws(RegistryFailure) -> (cluster: String, revision: Int64) {
    do {
      let copy = try TemporaryFile()
      try Self.copyFile(backup, to: copy.path)
      let queue = try DatabaseQueue(path: copy.path)
      try SQLiteSchema.prepare(queue, mayCreate: false)
      let entry = try queue.read { db in try ClusterTable.read(from: SQLiteSession(db)) }
      guard let entry else { throw DatabaseFault.notOurs("holds no registry") }
      switch place {
      case .sqlite(let path):
        try queue.close()
        try Self.put(copy.path, at: path)
      case .postgres(let address):
        try queue.read { db in try Self.put(SQLiteSession(db), at: address) }
      }
      return (entry.name, entry.revision)
    } catch let failure as RegistryFailure {
      throw failure
    } catch {
      let fault = DatabaseFault(error)
      throw .unusable("\(backup) \(fault.complaint)")
    }
  }

  private static func put(_ copy: String, at path: String) throws {
    guard FileIdentity(path: path) == nil else {
      throw RegistryFailure.unusable("\(path) exists already; move it away first")
    }
    do throws(DatabaseFault) {
      try DatabaseFile.prepare(path: path)
      try DatabaseFile.shut(path)
    } catch { throw error.failure(of: path) }
    do { try copyFile(copy, to: path) } catch {
      unlink(path)
      throw DatabaseFault(error).failure(of: path)
    }
  }

  private static func put(_ source: SQLiteSession, at address: PostgresAddress) throws {
    do {
      let target = try PostgresConnection(address, options: patient)
      try target.begin(.writing)
      try PostgresSchema.prepare(target, mayCreate: true)
      if let owner = try ClusterTable.read(from: target) {
        throw DatabaseFault.notOurs(
          "holds a registry of the cluster \(PlainText.cleaned(owner.name)) already; "
            + "name an empty database, or remove the schema \(PostgresSchema.name) first")
      }
      for table in try CopiedTable.all(in: source) { try table.copy(from: source, to: target) }
      // The next action and the next event get numbers after those that were copied.
      for table in ["action", "event"] {
        try target.execute(
          """
          SELECT setval(pg_get_serial_sequence('\(table)', 'id'), max(id)) FROM \(table)
          HAVING max(id) IS NOT NULL
          """, [])
      }
      try target.commit()
    } catch { throw DatabaseFault(error).failure(of: address.description) }
  }
}
