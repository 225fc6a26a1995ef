import Foundation
import GRDB
import Testing

@testable import ClusterModel
@testable import Registry

/// Copies of a registry of either kind, and their way back into either kind.
@Suite struct BackupSuite {
  /// Everything that a registry can hold.
  private func fill(_ registry: any ClusterRegistry) async throws {
    try await registry.add("AOS01", "AOS02", "AOS03")
    try await registry.drain(InstanceID("AOS01"))
    _ = try await registry.change(
      RequestKey("r-1", digest: [1, 2, 3], note: "n"), at: noon, actor: "alice"
    ) { contents in
      contents.seats = 7
      contents.tokens["a"] = AccessToken(
        id: "a", name: "Änne", role: .operator, hash: Array(repeating: 255, count: 32),
        createdAt: noon, createdBy: "alice")
      contents.rotations = [KeyRotation(number: 1, from: "a", to: "b", document: "d", at: noon)]
      contents.instances[try InstanceID("AOS03")]?.removedAt = noon
      contents.instances[try InstanceID("AOS02")]?.tls = true
      return [ActionDraft(.seats, reason: "because", result: "7")]
    }
  }

  private func emptyFile() throws -> String {
    let path = try Folder().path + "/backup.db"
    let isMade = FileManager.default.createFile(
      atPath: path, contents: Data(), attributes: [.posixPermissions: 0o600])
    return try #require(isMade ? path : nil)
  }

  /// A place for a registry that does not exist yet.
  private func place(_ kind: String) throws -> DatabaseURL {
    kind == "sqlite"
      ? .sqlite(path: try Folder().path + "/cluster.db")
      : .postgres(try PostgresServer.shared.get().makeDatabase())
  }

  @Test(
    "a backup of either kind comes back in either kind, and nothing is lost",
    arguments: RegistryKind.all, ["sqlite", "postgres"])
  func both(kind: RegistryKind, target: String) async throws {
    let registry = try await kind.makeBed().open()
    try await fill(registry)
    let contents = try await registry.contents()
    let actions = try await registry.actions(limit: 100)
    let file = try emptyFile()
    try await registry.backUp(to: file)
    // It goes on as before, and what comes later is not in the copy.
    try await registry.add("AOS09")
    let place = try place(target)
    let restored = try await RegistryCopier().restore(file, to: place)
    #expect(restored.cluster == "PROD")
    #expect(restored.revision == contents.revision)
    let back = try await place.openRegistry(cluster: "PROD")
    #expect(try await back.contents() == contents)
    #expect(try await back.actions(limit: 100) == actions)
    let again = try await back.change(
      RequestKey("r-1", digest: [1, 2, 3]), at: noon, actor: "alice"
    ) { _ in throw RefusedChange(words: "must not run") }
    #expect(again.isRepeat && again.note == "n")
    let next = try await back.change { _ in [ActionDraft(.seats, result: "8")] }
    #expect(try #require(next.actions.first).id > (actions.first?.id ?? 0))
    await back.close()
    await registry.close()
  }

  @Test("both kinds have the same tables with the same columns")
  func columns() async throws {
    let file = try emptyFile()
    let queue = try DatabaseQueue(path: file)
    try SQLiteSchema.prepare(queue, mayCreate: true)
    let server = try PostgresServer.shared.get()
    let database = try server.makeDatabase()
    try await DatabaseRegistry.open(database, cluster: "PROD", options: .quick).close()
    let rows = try server.connect(database).query(
      """
      SELECT table_name::text, column_name::text FROM information_schema.columns
      WHERE table_schema = 'aos' AND table_name <> 'schema_version'
      """, [])
    let there = try rows.map { row in
      var row = row
      return "\(try row.next(String.self)).\(try row.next(String.self))"
    }
    let here = try await queue.read { db in
      try CopiedTable.all(in: SQLiteSession(db)).flatMap { table in
        table.columns.map { "\(table.name).\($0)" }
      }
    }
    #expect(here.sorted() == there.sorted())
  }

  @Test(
    "nothing is overwritten, and what is not a backup is refused",
    arguments: ["sqlite", "postgres"])
  func refused(target: String) async throws {
    let registry = try await RegistryKind.all[0].makeBed().open()
    try await fill(registry)
    let file = try emptyFile()
    try await registry.backUp(to: file)
    await registry.close()
    let place = try place(target)
    let taken = try await place.openRegistry(cluster: "TEST")
    let before = try await taken.contents()
    await #expect(throws: RegistryFailure.self) {
      try await RegistryCopier().restore(file, to: place)
    }
    #expect(try await taken.contents() == before)
    await taken.close()
    let free = try self.place(target)
    for junk in ["", "hello", "SQLite format 3\0 and no more"] {
      let path = try emptyFile()
      try Data(junk.utf8).write(to: URL(filePath: path))
      await #expect(throws: RegistryFailure.self, "\(junk)") {
        try await RegistryCopier().restore(path, to: free)
      }
    }
    let other = try emptyFile()
    try await DatabaseQueue(path: other).write { db in
      try db.execute(sql: "CREATE TABLE mail (id INTEGER)")
    }
    await #expect(throws: RegistryFailure.self) {
      try await RegistryCopier().restore(other, to: free)
    }
    // Nobody waits for a writer of it.
    let pipe = try emptyFile()
    unlink(pipe)
    #expect(mkfifo(pipe, 0o600) == 0)
    await #expect(throws: RegistryFailure.unusable("\(pipe) is not a file")) {
      try await RegistryCopier().restore(pipe, to: free)
    }
    // A place that was refused before takes a backup all the same.
    _ = try await RegistryCopier().restore(file, to: free)
  }

  @Test("a backup of an older release is brought up to date")
  func older() async throws {
    let registry = try await RegistryKind.all[0].makeBed().open()
    try await fill(registry)
    let contents = try await registry.contents()
    let file = try emptyFile()
    try await registry.backUp(to: file)
    await registry.close()
    try await DatabaseQueue(path: file).write { db in
      try db.execute(
        sql: """
          DROP TABLE key_rotation;
          DELETE FROM grdb_migrations WHERE identifier GLOB '*steps of the signing key';
          """)
    }
    let place = try place("postgres")
    _ = try await RegistryCopier().restore(file, to: place)
    var expected = contents
    expected.rotations = []
    let back = try await place.openRegistry(cluster: "PROD")
    #expect(try await back.contents() == expected)
    await back.close()
  }
}
