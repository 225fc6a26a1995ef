import Foundation
import Testing

@testable import ClusterModel
@testable import Registry

/// A pool of connections (PgBouncer) between balancers and their database, and announcements that
/// do not arrive.
@Suite("A database behind a pool of connections, or one that announces nothing")
struct PostgresPoolTests {
  private let server: PostgresServer
  private let database: PostgresAddress

  init() throws {
    server = try PostgresServer.shared.get()
    database = try server.makeDatabase()
  }

  private func address(port: Int) -> PostgresAddress {
    var address = database
    address.servers = [.init(host: server.folder, port: port)]
    return address
  }

  private func open(
    _ address: PostgresAddress, poll milliseconds: Int = 5
  ) async throws -> DatabaseRegistry {
    var options = PostgresOptions.quick
    options.pollMilliseconds = milliseconds
    options.checkMilliseconds = milliseconds
    options.echoMilliseconds = 200
    return try await DatabaseRegistry.open(address, cluster: "PROD", options: options)
  }

  /// The remark with which the signals of a registry begin; nil where they begin with none.
  private func remark(of registry: DatabaseRegistry) async throws -> String? {
    var signals = registry.signals().makeAsyncIterator()
    try server.connect(database).script("UPDATE aos.cluster SET seats = 99")
    guard case .remark(let remark)? = await signals.next() else { return nil }
    return remark
  }

  @Test("behind a pool in transaction mode each registry says that it polls, and both agree")
  func transactionMode() async throws {
    let pooled = address(port: try server.pool(mode: "transaction"))
    let left = try await open(pooled)
    let right = try await open(pooled)
    #expect(try await remark(of: left)?.contains("announces no changes") == true)
    for (writer, reader, id) in [(left, right, "AOS01"), (right, left, "AOS02")] {
      var signals = reader.signals().makeAsyncIterator()
      let commit = try await writer.add(id)
      while try await reader.contents() != commit.contents { _ = await signals.next() }
    }
    // The log of actions is told on, too.
    var signals = right.signals().makeAsyncIterator()
    try await left.drain(try InstanceID("AOS01"))
    while try await right.actions(limit: 1).first?.action != .drain { _ = await signals.next() }
    await left.close()
    await right.close()
  }

  @Test("a registry leaves no setting in a pool's sessions, and they hear no announcement")
  func leavesNothing() async throws {
    let pooled = address(port: try server.pool(mode: "transaction"))
    let registry = try await open(pooled)
    try await registry.add("AOS01")
    let other = try server.connect(pooled)
    #expect(!other.isDirect)
    for name in ["search_path", "statement_timeout", "lock_timeout"] {
      let sql = "SELECT setting = reset_val FROM pg_settings WHERE name = $1"
      var row = try #require(try other.query(sql, [.text(name)]).first)
      #expect(try row.next(Bool.self), "\(name)")
    }
    var row = try #require(
      try other.query("SELECT count(*) FROM pg_listening_channels()", []).first)
    #expect(try row.next(Int.self) == 0)
    await registry.close()
  }

  @Test("a pool in session mode passes announcements on, and the server itself does")
  func sessionMode() async throws {
    let pooled = address(port: try server.pool(mode: "session"))
    for address in [pooled, database] {
      let registry = try await open(address, poll: 60_000)
      #expect(try await remark(of: registry) == nil)
      let other = try await open(address, poll: 60_000)
      var signals = registry.signals().makeAsyncIterator()
      let commit = try await other.add("AOS\(address.servers.count)")
      while try await registry.contents() != commit.contents { _ = await signals.next() }
      await registry.close()
      await other.close()
    }
  }

  @Test("a change that nobody announces is found all the same")
  func unannounced() async throws {
    let left = try await open(database)
    let right = try await open(database)
    try server.connect(database).script(
      "DROP TRIGGER announce ON aos.cluster; DROP TRIGGER announce ON aos.action")
    var signals = right.signals().makeAsyncIterator()
    try await left.add("AOS01", "AOS02")
    let commit = try await left.drain(try InstanceID("AOS01"))
    while try await right.contents() != commit.contents { _ = await signals.next() }
    #expect(try await right.actions(limit: 1) == commit.actions)
    await left.close()
    await right.close()
  }

  @Test("of several servers the first that takes changes is used")
  func several() async throws {
    var several = database
    let real = PostgresAddress.Server(host: server.folder, port: server.port)
    several.servers = [.init(host: server.folder, port: 1), real]
    let registry = try await open(several)
    try await registry.add("AOS01")
    #expect(try await registry.contents().instances.count == 1)
    await registry.close()
  }
}
