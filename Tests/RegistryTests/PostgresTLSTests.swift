import Foundation
import Testing

@testable import ClusterModel
@testable import Registry

/// What the settings of a database's URL promise, with servers that speak TLS and one that does
/// not. All are reached over the network; for one on this machine no setting holds by itself, so
/// each test names its own.
@Suite("A database over TLS")
struct PostgresTLSTests {
  /// A server that offers TLS with a certificate for that name.
  private func withServer(
    named name: String, _ test: (PostgresServer, String) async throws -> Void
  ) async throws {
    let server = try PostgresServer(addresses: "127.0.0.1")
    try server.stop()
    let certificate = try server.certify(name)
    try server.start()
    // The server's folder is closed to others; what a client trusts is handed out.
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent(
      "authority-\(UUID().uuidString).crt")
    try FileManager.default.copyItem(at: URL(filePath: certificate), to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    try await test(server, copy.path)
    try server.stop()
  }

  private func remote(
    _ server: PostgresServer, _ database: String, _ settings: [String: String]
  ) -> PostgresAddress {
    var address = server.address(database)
    address.servers = [.init(host: "127.0.0.1", port: server.port)]
    address.settings = settings
    return address
  }

  private func failure(opening address: PostgresAddress) async -> String? {
    do {
      try await DatabaseRegistry.open(address, cluster: "PROD", options: .quick).close()
      return nil
    } catch { return error.description }
  }

  @Test("verify-full trusts the server whose certificate the named authority signed")
  func believed() async throws {
    try await withServer(named: "IP:127.0.0.1") { server, authority in
      let database = try server.makeDatabase().database
      let address = remote(
        server, database, ["sslmode": "verify-full", "sslrootcert": authority])
      let registry = try await DatabaseRegistry.open(address, cluster: "PROD", options: .quick)
      try await registry.add("AOS01")
      let sessions = try server.connect().query(
        """
        SELECT count(*), count(*) FILTER (WHERE ssl)
        FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = $1
        """, [.text(database)])
      var row = try #require(sessions.first)
      let all = try row.next(Int.self)
      #expect(all > 0)
      #expect(try row.next(Int.self) == all)
      await registry.close()
    }
  }

  @Test("verify-full refuses a certificate for another name, verify-ca takes it")
  func anotherName() async throws {
    try await withServer(named: "DNS:db.example") { server, authority in
      let database = try server.makeDatabase().database
      let words = await failure(
        opening: remote(server, database, ["sslmode": "verify-full", "sslrootcert": authority]))
      #expect(words?.contains("127.0.0.1") == true, "\(words ?? "it was trusted")")
      #expect(
        await failure(
          opening: remote(server, database, ["sslmode": "verify-ca", "sslrootcert": authority]))
          == nil)
    }
  }

  @Test("verify-full refuses a certificate that somebody else signed")
  func anotherSigner() async throws {
    try await withServer(named: "IP:127.0.0.1") { server, _ in
      let database = try server.makeDatabase().database
      try await withServer(named: "IP:127.0.0.1") { _, other in
        let words = await failure(
          opening: remote(server, database, ["sslmode": "verify-full", "sslrootcert": other]))
        #expect(words?.contains("certificate verify failed") == true, "\(words ?? "trusted")")
      }
    }
  }

  @Test("a server without TLS is refused where TLS is asked for, and nothing is told to it")
  func noTLS() async throws {
    let server = try PostgresServer.shared.get()
    let database = try server.makeDatabase().database
    let words = await failure(opening: remote(server, database, ["sslmode": "require"]))
    #expect(words?.contains("does not support SSL") == true, "\(words ?? "it was content")")
    #expect(await failure(opening: remote(server, database, ["sslmode": "disable"])) == nil)
  }
}
