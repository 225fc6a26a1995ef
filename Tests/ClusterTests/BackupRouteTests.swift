import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Registry
import Testing

@Suite("The route of backups", .timeLimit(.minutes(2)))
struct BackupRouteTests {
  @Test("a backup is whole, logged with its actor, and leaves nothing behind at the balancer")
  func leavesNothing() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      func copies() throws -> [String] {
        try FileManager.default.contentsOfDirectory(
          atPath: FileManager.default.temporaryDirectory.path
        ).filter { $0.hasPrefix("aos-copy-") }
      }
      let before = try copies()
      var bytes: [UInt8] = []
      let count = try await cluster.operators.backUp { bytes += $0 }
      #expect(count == bytes.count)
      #expect(bytes.starts(with: Array("SQLite format 3\0".utf8)))
      #expect(Set(try copies()).subtracting(before) == [])
      let action = try #require(try await cluster.operators.actions(limit: 1).first)
      #expect(action.action == .backup)
      #expect(action.actor == NSUserName())
      // It opens as the registry that it was.
      let file = cluster.folder.path + "/copy.db"
      try Data(bytes).write(to: URL(filePath: file))
      let copy = try await DatabaseRegistry.open(file, cluster: "TEST")
      #expect(try await copy.contents().instances[InstanceID("AOS01")] != nil)
      await copy.close()
    }
  }

  @Test("a backup has no dry run: who asks for one is not given the key")
  func dryRun() async throws {
    try await LiveCluster.run { cluster in
      for query in ["dryRun=true", "dryRun=false", "dryRun"] {
        let answer = try await cluster.operators.raw(.get, "/v1/backup?\(query)")
        #expect(answer.status == 400)
      }
    }
  }

  @Test("nobody makes a backup over TCP, and no web page does")
  func localOnly() async throws {
    try await LiveCluster.run { cluster in
      let ana = try cluster.remote(try await cluster.makeToken(.operator))
      #expect(await problem { try await ana.backUp { _ in } } == .forbidden)
      let page = try await cluster.operators.raw(
        .get, "/v1/backup", headers: ["Origin": "http://evil.example"])
      #expect(page.status == 403)
    }
  }
}
