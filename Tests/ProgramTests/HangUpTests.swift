import Foundation
import Testing

/// SIGHUP, which asks a daemon to read its certificates again.
@Suite("SIGHUP", .timeLimit(.minutes(2)))
struct HangUpTests {
  @Test("a daemon without certificates goes on and says that it has none")
  func plain() async throws {
    let folder = "/tmp/aosh-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let balancer = try Daemon(
      Program.path("aosd"),
      [
        "balancer", "--listen", "127.0.0.1:0", "--socket", "\(folder)/lb.sock", "--database",
        "sqlite:\(folder)/cluster.db",
      ], log: "\(folder)/LB1.log")
    _ = try await balancer.readyPort()
    let instance = try Daemon(
      Program.path("aosd"),
      [
        "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "5", "--join",
        "unix://\(folder)/lb.sock", "--state-directory", "\(folder)/AOS01",
      ], log: "\(folder)/AOS01.log")
    _ = try await instance.readyPort()
    for (daemon, name) in [(balancer, "LB1"), (instance, "AOS01")] {
      daemon.kill(SIGHUP)
      try await until("has no certificates to read again", in: "\(folder)/\(name).log")
    }
    let status = try await aosctl("status", "--balancer", "unix://\(folder)/lb.sock")
    #expect(status.status == 0, "\(status.errors)")
  }

  @Test("a daemon takes new certificates, and keeps the old ones where the new ones are bad")
  func certificates() async throws {
    try await RemoteCluster.run { cluster in
      let token = try await cluster.token("viewer", "eva")
      let old = try Data(contentsOf: URL(filePath: cluster.certificate))
      try await cluster.makeCertificate()
      try cluster.hangUp("LB1")
      try await until("TLS certificate was read again", in: cluster.log("LB1"))
      #expect(try await cluster.remote(token, "status").status == 0)
      let new = try Data(contentsOf: URL(filePath: cluster.certificate))
      try old.write(to: URL(filePath: cluster.certificate))
      try cluster.hangUp("LB1")
      try await until("TLS certificate was not replaced", in: cluster.log("LB1"))
      try new.write(to: URL(filePath: cluster.certificate))
      #expect(try await cluster.remote(token, "status").status == 0)
    }
  }
  @Test("a daemon keeps its certificate and authorities where the new ones have expired")
  func expired() async throws {
    try await RemoteCluster.run { cluster in
      let token = try await cluster.token("viewer", "eva")
      let file = URL(filePath: cluster.certificate)
      let good = try Data(contentsOf: file)
      try await cluster.makeExpiredCertificate()
      try cluster.hangUp("LB1")
      for name in ["TLS certificate", "list of authorities"] {
        try await until("The \(name) was not replaced", in: cluster.log("LB1"))
      }
      try await until("expired at 2020-02-01", in: cluster.log("LB1"))
      try good.write(to: file)
      #expect(try await cluster.remote(token, "status").status == 0)
    }
  }
}
