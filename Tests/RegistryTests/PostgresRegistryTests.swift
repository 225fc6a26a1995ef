import Foundation
import TestSupport
import Testing

@testable import ClusterModel
@testable import Registry

/// What only a server can suffer.
@Suite struct PostgresRegistryTests {
  private let server: PostgresServer
  private let database: PostgresAddress

  init() throws {
    server = try PostgresServer.shared.get()
    database = try server.makeDatabase()
  }

  private func open(options: PostgresOptions = .quick) async throws -> DatabaseRegistry {
    try await DatabaseRegistry.open(database, cluster: "PROD", options: options)
  }

  /// What opening that database fails with.
  private func failure(opening address: PostgresAddress) async -> RegistryFailure? {
    do {
      try await DatabaseRegistry.open(address, cluster: "PROD", options: .quick).close()
      return nil
    } catch { return error }
  }

  /// Does something to the database that no registry does.
  private func sql(_ text: String) throws {
    try server.connect(database).script(text)
  }

  /// Waits until a process of this database waits for that, and ends it.
  private func end(waitingFor event: String) async throws {
    let control = try server.connect()
    let sql = """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = $1 AND wait_event = $2
      """
    let values: [SQLValue] = [.text(database.database), .text(event)]
    try await eventually("a process waits for \(event)") {
      try !control.query(sql, values).isEmpty
    }
  }

  @Test("a registry is reached by address and port as by its socket")
  func network() async throws {
    let registry = try await open()
    try await registry.add("AOS01")
    var address = database
    address.servers = [.init(host: "127.0.0.1", port: server.port)]
    let other = try await DatabaseRegistry.open(address, cluster: "PROD", options: .quick)
    #expect(try await other.contents() == (try await registry.contents()))
    #expect(other.kind == "postgres")
  }

  @Test("a server that stops loses nothing: no change is taken until it is back")
  func restart() async throws {
    let server = try PostgresServer()
    let address = try server.makeDatabase()
    let registry = try await DatabaseRegistry.open(address, cluster: "PROD", options: .quick)
    let before = try await registry.add("AOS01").contents
    var signals = registry.signals().makeAsyncIterator()
    try server.stop()
    guard case .lost(let reason) = await signals.next(past: .changed) else {
      Issue.record("not lost")
      return
    }
    #expect(reason.hasPrefix("\(address) "))
    let outcome = await Result.of { try await registry.add("AOS02") }
    guard case .unavailable(let words)? = outcome.failure as? RegistryFailure else {
      Issue.record("\(outcome)")
      return
    }
    #expect(words.hasPrefix("\(address) "))
    let late = registry.signals()
    guard case .lost = await late.first(where: { _ in true }) else {
      Issue.record("a listener who comes late is not told")
      return
    }
    try server.start()
    while let signal = await signals.next(), signal != .available {}
    #expect(try await registry.contents() == before)
    try await registry.add("AOS02")
    // It listens again, too.
    let other = try await DatabaseRegistry.open(address, cluster: "PROD", options: .quick)
    let commit = try await other.add("AOS03")
    while await signals.next() == .changed, try await registry.contents() != commit.contents {}
    #expect(try await registry.contents() == commit.contents)
    await registry.close()
    await other.close()
    try server.stop()
  }

  @Test("a commit whose answer is lost is open, and the same request finds it done")
  func committed() async throws {
    try await open().close()
    // From another database, where commits do not wait.
    let control = try server.connect()
    try control.script("ALTER DATABASE \(database.database) SET synchronous_commit = on")
    let registry = try await open()
    try control.script("ALTER DATABASE \(database.database) RESET synchronous_commit")
    var signals = registry.signals().makeAsyncIterator()
    async let outcome = Result.of {
      try await registry.change(RequestKey("r-1"), at: noon, actor: "alice") { contents in
        contents.seats = 7
        return [ActionDraft(.seats, result: "7")]
      }
    }
    try await end(waitingFor: "SyncRep")
    guard case .outcomeUnknown(let words)? = await outcome.failure as? RegistryFailure else {
      Issue.record("not open")
      return
    }
    #expect(words.hasPrefix("\(database) ") && words.hasSuffix(", while it committed"))
    while let signal = await signals.next(), signal != .available {}
    let again = try await registry.change(RequestKey("r-1"), at: noon, actor: "alice") { _ in
      throw RefusedChange(words: "must not run")
    }
    #expect(again.isRepeat)
    #expect(again.contents.seats == 7)
    #expect(try await registry.actions(limit: 9) == again.actions)
  }

  @Test("a commit that is cut off is open, and the same request carries it out")
  func uncommitted() async throws {
    let registry = try await open()
    try sql(
      """
      CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON aos.action DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION aos.hold();
      """)
    let holder = try server.connect(database)
    try holder.script("SELECT pg_advisory_lock(7)")
    var signals = registry.signals().makeAsyncIterator()
    let change: @Sendable () async throws -> RegistryCommit = {
      try await registry.change(RequestKey("r-1"), at: noon, actor: "alice") { contents in
        contents.seats = (contents.seats ?? 6) + 1
        return [ActionDraft(.seats, result: "7")]
      }
    }
    async let outcome = Result.of(change)
    try await end(waitingFor: "advisory")
    guard case .outcomeUnknown? = await outcome.failure as? RegistryFailure else {
      Issue.record("not open")
      return
    }
    try holder.script("SELECT pg_advisory_unlock(7)")
    while let signal = await signals.next(), signal != .available {}
    #expect(try await registry.contents().seats == nil)
    let again = try await change()
    #expect(!again.isRepeat)
    #expect(again.contents.seats == 7)
    #expect(try await registry.actions(limit: 9) == again.actions)
  }

  @Test("a change that another program's lock holds up fails, and it comes back by itself")
  func locked() async throws {
    let registry = try await open()
    await registry.close()
    var options = PostgresOptions.quick
    options.lockMilliseconds = 50
    let impatient = try await open(options: options)
    var signals = impatient.signals().makeAsyncIterator()
    let holder = try server.connect(database)
    try holder.script("BEGIN; SELECT 1 FROM cluster FOR UPDATE")
    let reason = "\(database) is locked by another program"
    await #expect(throws: RegistryFailure.unavailable(reason)) { try await impatient.add("AOS01") }
    // Reading goes on meanwhile.
    #expect(try await impatient.contents().instances.isEmpty)
    #expect(await signals.next(past: .changed) == .lost(reason))
    try holder.script("ROLLBACK")
    #expect(await signals.next(past: .changed) == .available)
    try await impatient.add("AOS01")
  }

  @Test("the registry gives up a silent server, and nobody waits forever")
  func silent() async throws {
    var options = PostgresOptions.quick
    options.statementMilliseconds = 1_500
    options.graceMilliseconds = 500
    let registry = try await open(options: options)
    var signals = registry.signals().makeAsyncIterator()
    let control = try server.connect()
    let rows = try control.query(
      "SELECT pid FROM pg_stat_activity WHERE datname = $1", [.text(database.database)])
    let processes = try rows.map { row in
      var row = row
      return pid_t(try row.next(Int.self))
    }
    #expect(processes.count == 2)
    for process in processes { #expect(kill(process, SIGSTOP) == 0) }
    defer { for process in processes { kill(process, SIGCONT) } }
    let reason = "\(database) went away: it does not answer"
    await #expect(throws: RegistryFailure.unavailable(reason)) {
      try await registry.add("AOS01")
    }
    #expect(await signals.next(past: .changed) == .lost(reason))
    #expect(await signals.next(past: .changed) == .available)
    #expect(try await registry.contents().instances.isEmpty)
    try await registry.add("AOS01")
  }

  @Test("what a hand changes in the database is noticed")
  func byHand() async throws {
    let registry = try await open()
    try await registry.add("AOS01")
    let signals = registry.signals()
    try sql("UPDATE instance SET own_maximum = 5")
    #expect(await signals.first { _ in true } == .changed)
    #expect(try await registry.contents().members.map(\.ownMaximum) == [5])
  }

  @Test("a row that cannot be read is named, and nothing is changed")
  func unreadable() async throws {
    let registry = try await open()
    try await registry.add("AOS01")
    try sql("UPDATE instance SET role = 'king'")
    let reason =
      "\(database) holds a value that cannot be read, in table instance, AOS01: "
      + "role must be server or loadBalancer"
    await #expect(throws: RegistryFailure.unavailable(reason)) { try await registry.contents() }
    await #expect(throws: RegistryFailure.unavailable(reason)) {
      try await registry.change { _ in [] }
    }
    try sql("UPDATE instance SET role = 'server'")
    #expect(try await registry.contents().members.count == 1)
  }

  @Test("another registry in the old one's place is recognised")
  func replaced() async throws {
    let registry = try await open()
    var signals = registry.signals().makeAsyncIterator()
    try sql("DROP SCHEMA aos CASCADE")
    await #expect(throws: RegistryFailure.self) { try await registry.contents() }
    while let signal = await signals.next(),
      signal != .lost("\(database) no longer holds its registry")
    {}
    try await open().close()
    while let signal = await signals.next(),
      signal != .lost("\(database) holds another registry than the one that was here")
    {}
    await registry.close()
  }

  @Test("a registry of a release before licenses is brought up to date, and loses nothing")
  func older() async throws {
    let registry = try await open()
    let before = try await registry.add("AOS01", "AOS02").contents
    await registry.close()
    for index in RegistryBed.laterIndices { try sql("DROP INDEX aos.\(index)") }
    for column in RegistryBed.licenseColumns {
      try sql("ALTER TABLE \(column.table) DROP COLUMN \(column.name)")
    }
    try sql("DELETE FROM schema_version WHERE number >= 5")
    #expect(try await open().contents() == before)
  }

  @Test("a registry of a newer release is refused")
  func newer() async throws {
    try await open().close()
    try sql("INSERT INTO schema_version VALUES (99)")
    #expect(
      await failure(opening: database)
        == .unusable("\(database) was written by a newer release of this program"))
  }

  @Test("a schema of another program is left alone")
  func foreign() async throws {
    try sql("CREATE SCHEMA aos; CREATE TABLE aos.mail (id integer)")
    #expect(
      await failure(opening: database)
        == .unusable("\(database) has a schema aos of another program"))
    try sql("DROP TABLE aos.mail")
    #expect(await failure(opening: database) == nil)
  }

  @Test("a database that keeps no Unicode is refused")
  func encoding() async throws {
    try sql("CREATE DATABASE \(database.database)_latin ENCODING 'LATIN1' TEMPLATE template0")
    var address = database
    address.database += "_latin"
    #expect(
      await failure(opening: address)
        == .unusable("\(address) keeps its text in LATIN1, not in UTF8"))
  }

  @Test("where no server answers, trying again may help")
  func nowhere() async throws {
    let folder = try Folder()
    let address = PostgresAddress(
      user: "aos", servers: [.init(host: folder.path, port: 5_432)], database: "none")
    guard case .unavailable(let reason) = await failure(opening: address) else {
      Issue.record("not unavailable")
      return
    }
    #expect(reason.hasPrefix("\(address) cannot be reached: "))
  }

  @Test("the oldest actions go when there are too many")
  func pruned() async throws {
    var options = PostgresOptions.quick
    options.actionsKept.ofOperators = 5
    let registry = try await open(options: options)
    for number in 0..<4 {
      try await registry.change { _ in
        [ActionDraft(.seats, result: "\(number)a"), ActionDraft(.seats, result: "\(number)b")]
      }
    }
    #expect(
      try await registry.actions(limit: 100).map(\.result) == ["3b", "3a", "2b", "2a", "1b"])
  }

  @Test("an action of a kind that a later release knows keeps its name")
  func laterKind() async throws {
    let registry = try await open()
    try sql("INSERT INTO action (at, actor, action, result) VALUES (0, 'x', 'dance', '')")
    #expect(try await registry.actions(limit: 2).map(\.action.rawValue) == ["dance"])
  }
}
