import Foundation
import GRDB
import Testing

@testable import ClusterModel
@testable import Registry

/// What only a file can suffer.
@Suite struct SQLiteRegistryTests {
  private let folder: Folder
  private var path: String { folder.path + "/cluster.db" }

  init() throws {
    folder = try Folder()
  }

  private func open(
    cluster: String = "PROD", options: SQLiteOptions = .quick
  ) async throws -> DatabaseRegistry {
    try await DatabaseRegistry.open(path, cluster: cluster, options: options)
  }

  /// What opening that path fails with.
  private func failure(opening path: String) async -> RegistryFailure? {
    do {
      try await DatabaseRegistry.open(path, cluster: "PROD", options: .impatient).close()
      return nil
    } catch { return error }
  }

  /// Does something to the file that no registry does.
  private func sql(_ text: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { db in try db.execute(sql: text) }
    try queue.close()
  }

  @Test("what was answered survives the death of the process: the files as they lie")
  func crash() async throws {
    let registry = try await open()
    try await registry.add("AOS01", "AOS02")
    let commit = try await registry.drain(InstanceID("AOS01"))
    let copy = try Folder()
    for ending in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: path + ending, toPath: "\(copy.path)/cluster.db\(ending)")
    }
    let revived = try await DatabaseRegistry.open(copy.path + "/cluster.db", cluster: "PROD")
    #expect(try await revived.contents() == commit.contents)
  }

  @Test("the files are their owner's alone, in a directory that is made for them")
  func rights() async throws {
    let nested = folder.path + "/var/lib/aos"
    let registry = try await DatabaseRegistry.open(nested + "/cluster.db", cluster: "PROD")
    try await registry.add("AOS01")
    let manager = FileManager.default
    func mode(_ path: String) throws -> Int? {
      try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    for ending in ["", "-wal", "-shm"] {
      #expect(try mode(nested + "/cluster.db" + ending) == 0o600)
    }
    #expect(try mode(nested) == 0o700)
    await registry.close()
    try manager.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: nested + "/cluster.db")
    _ = try await DatabaseRegistry.open(nested + "/cluster.db", cluster: "PROD")
    #expect(try mode(nested + "/cluster.db") == 0o640)
  }

  @Test("a file that holds something else is left alone, and the error names it")
  func garbage() async throws {
    for bytes in [Data("no database at all ".utf8), Data(repeating: 7, count: 100_000)] {
      try bytes.write(to: URL(filePath: path))
      #expect(await failure(opening: path) == .unusable("\(path) is not a database"))
      #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    }
    #expect(await failure(opening: folder.path) == .unusable("\(folder.path) is not a file"))
  }

  @Test("a database of another program is left alone")
  func foreign() async throws {
    try sql("CREATE TABLE mail (id INTEGER)")
    let before = try Data(contentsOf: URL(filePath: path))
    #expect(
      await failure(opening: path) == .unusable("\(path) is a database of another program"))
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
  }

  @Test("a registry of a release before licenses is brought up to date, and loses nothing")
  func older() async throws {
    let registry = try await open()
    let before = try await registry.add("AOS01", "AOS02").contents
    await registry.close()
    for index in RegistryBed.laterIndices { try sql("DROP INDEX \(index)") }
    for column in RegistryBed.licenseColumns {
      try sql("ALTER TABLE \(column.table) DROP COLUMN \(column.name)")
    }
    try sql("DELETE FROM grdb_migrations WHERE identifier >= '4' OR identifier LIKE '1_ %'")
    #expect(try await open().contents() == before)
  }

  @Test("a registry of a newer release is refused")
  func newer() async throws {
    try await open().close()
    try sql("INSERT INTO grdb_migrations VALUES ('99 something later')")
    #expect(
      await failure(opening: path)
        == .unusable("\(path) was written by a newer release of this program"))
  }

  @Test("a row that cannot be read is named, and nothing is changed")
  func unreadable() async throws {
    let registry = try await open()
    try await registry.add("AOS01")
    try sql("UPDATE instance SET role = 'king'")
    let complaint =
      "\(path) holds a value that cannot be read, in table instance, AOS01: "
      + "role must be server or loadBalancer"
    await #expect(throws: RegistryFailure.unavailable(complaint)) { try await registry.contents() }
    await #expect(throws: RegistryFailure.unavailable(complaint)) {
      try await registry.change { _ in [] }
    }
    try sql("UPDATE instance SET role = 'server'")
    #expect(try await registry.contents().members.count == 1)
  }

  @Test("where no file can be made, trying again may help")
  func nowhere() async throws {
    guard case .unavailable(let reason) = await failure(opening: "/proc/aos/cluster.db") else {
      Issue.record("not unavailable")
      return
    }
    #expect(reason.hasPrefix("/proc/aos/cluster.db cannot be made"))
  }

  @Test("a directory that may not be written to is unavailable", .enabled(if: geteuid() != 0))
  func readOnlyDirectory() async throws {
    #expect(chmod(folder.path, 0o500) == 0)
    defer { chmod(folder.path, 0o700) }
    guard case .unavailable(let reason) = await failure(opening: path) else {
      Issue.record("not unavailable")
      return
    }
    #expect(reason.hasPrefix("\(path) cannot be made"))
  }

  @Test("a change that another program's lock holds up fails, and it comes back by itself")
  func locked() async throws {
    let holder = try await open()
    let registry = try await open(options: .impatient)
    let (inside, go) = (AsyncStream.makeStream(of: Void.self), Gate())
    var signals = registry.signals().makeAsyncIterator()
    async let held = holder.change { _ in
      inside.continuation.yield()
      go.wait()
      return []
    }
    // However this test ends, nobody is left waiting.
    defer { go.open() }
    for await _ in inside.stream { break }
    let reason = "\(path) is locked by another program"
    await #expect(throws: RegistryFailure.unavailable(reason)) {
      try await registry.add("AOS01")
    }
    // Reading goes on meanwhile.
    #expect(try await registry.contents().instances.isEmpty)
    #expect(await signals.next(past: .changed) == .lost(reason))
    #expect(await registry.signals().first { _ in true } == .lost(reason))
    go.open()
    _ = try await held
    #expect(await signals.next(past: .changed) == .available)
    try await registry.add("AOS01")
  }

  @Test("a file that vanishes loses nothing: no change is taken until it is back")
  func vanished() async throws {
    let registry = try await open()
    try await registry.add("AOS01")
    var signals = registry.signals().makeAsyncIterator()
    try folder.move("cluster.db", to: "away.db")
    let reason = "\(path) was moved, replaced or deleted"
    #expect(await signals.next(past: .changed) == .lost(reason))
    await #expect(throws: RegistryFailure.unavailable(reason)) {
      try await registry.add("AOS02")
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    try folder.move("away.db", to: "cluster.db")
    #expect(await signals.next(past: .changed) == .available)
    #expect(try await registry.contents().members.map(\.id.text) == ["AOS01"])
    try await registry.add("AOS02")
  }

  @Test("a file that vanishes within a change leaves it undone")
  func vanishedWithin() async throws {
    let registry = try await open()
    try await registry.add("AOS01")
    let reason = "\(path) was moved, replaced or deleted"
    await #expect(throws: RegistryFailure.unavailable(reason)) {
      try await registry.change { [folder] contents in
        try folder.move("cluster.db", to: "away.db")
        contents.seats = 5
        return []
      }
    }
    try folder.move("away.db", to: "cluster.db")
    #expect(try await registry.contents().seats == nil)
  }

  @Test("another registry in the old one's place is recognised")
  func replaced() async throws {
    let registry = try await open()
    try await registry.add("AOS01")
    try folder.move("cluster.db", to: "away.db")
    try await open().close()
    let reason = "\(path) holds another registry than the one that was here"
    let outcome = await Result.of { try await registry.contents() }
    let again = await Result.of { try await registry.contents() }
    #expect(outcome.failure != nil)
    #expect(again.failure as? RegistryFailure == .unavailable(reason))
  }

  @Test("what another connection writes is news once, what this one writes never")
  func news() throws {
    let make = {
      try SQLiteConnection(path: path, cluster: "PROD", options: .quick, mayCreate: true)
    }
    let (left, right) = (try make(), try make())
    _ = try left.hasNews()
    let request = ChangeRequest(key: nil, at: noon, actor: "alice")
    let change: (inout RegistryContents) throws -> [ActionDraft] = { contents in
      contents.seats = (contents.seats ?? 0) + 1
      return []
    }
    _ = try left.change(request, decide: change)
    #expect(try !left.hasNews())
    _ = try right.change(request, decide: change)
    // Reading it does not make it old: a listener still has to learn of it.
    #expect(try left.contents().seats == 2)
    #expect(try left.hasNews())
    #expect(try !left.hasNews())
  }

  @Test("the oldest actions go when there are too many")
  func pruned() async throws {
    var options = SQLiteOptions.quick
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
    try await registry.change { _ in [ActionDraft(.seats, result: "known")] }
    try sql("INSERT INTO action (at, actor, action, result) VALUES (0, 'x', 'dance', '')")
    let kinds = try await registry.actions(limit: 10).map(\.action.rawValue)
    #expect(kinds == ["dance", "seats"])
  }
}
