import Foundation
import Testing

@Suite("A first start", .timeLimit(.minutes(2)))
struct FirstJoinTests {
  @Test("an instance that is started before its balancer joins it, and warns of nothing")
  func together() async throws {
    let folder = "/tmp/aosj-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let instance = try Daemon(
      Program.path("aosd"),
      [
        "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "5", "--join",
        "unix://\(folder)/lb.sock", "--state-directory", "\(folder)/AOS01", "--log-level", "debug",
      ], log: "\(folder)/AOS01.log")
    _ = try await instance.readyPort()
    try await until("Not joined yet", in: "\(folder)/AOS01.log")
    let balancer = try Daemon(
      Program.path("aosd"),
      [
        "balancer", "--listen", "127.0.0.1:0", "--socket", "\(folder)/lb.sock", "--database",
        "sqlite:\(folder)/cluster.db",
      ], log: "\(folder)/LB1.log")
    _ = try await balancer.readyPort()
    try await until("A balancer lets this instance join", in: "\(folder)/AOS01.log")
    let log = try String(contentsOfFile: "\(folder)/AOS01.log", encoding: .utf8)
    #expect(!log.contains(" warning: "), "\(log)")
  }

  @Test("an unknown name to listen on is reported")
  func unknownName() async throws {
    let run = try await Program.run(
      Program.path("aosd"),
      ["instance", "--name", "AOS01", "--listen", "nope.invalid:0", "--max-clients", "5"],
      environment: ["PATH": "/usr/bin:/bin", "XDG_STATE_HOME": "/tmp/aosj-\(UUID().uuidString)"])
    #expect(run.status == 1)
    #expect(run.error.contains("the name or address is not known"), "\(run.error)")
  }
}
