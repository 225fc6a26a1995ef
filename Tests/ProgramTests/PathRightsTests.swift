import Foundation
import Testing

/// What lies beside a program's files, and on the way to them, is looked at as they are.
@Suite("Ways to files", .timeLimit(.minutes(2)))
struct PathRightsTests {
  private static func folder() throws -> String {
    let path = "/tmp/aosw-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(
      atPath: path + "/inner", withIntermediateDirectories: true)
    return path
  }

  private func refusal(_ arguments: [String]) async throws -> String {
    let run = try await Program.run(Program.path("aosd"), arguments, environment: [:])
    #expect(run.status == 1)
    #expect(run.output.isEmpty)
    return run.error
  }

  private func balancer(_ folder: String, database: String) -> [String] {
    [
      "balancer", "--listen", "127.0.0.1:0", "--database", "sqlite:\(database)", "--socket",
      "\(folder)/lb.sock",
    ]
  }

  private func instance(_ state: String) -> [String] {
    [
      "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "1",
      "--state-directory", state,
    ]
  }

  @Test(
    "a daemon does not start where another user can put a file in the place of its own",
    .enabled(if: geteuid() == 0), arguments: ["database", "state", "config"],
    ["owner", "group", "link"])
  func way(what: String, how: String) async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var inner = folder + "/inner"
    switch how {
    case "owner": try #require(chown(inner, 65_534, 0) == 0)
    case "group":
      try #require(chown(inner, 0, 65_534) == 0 && chmod(inner, 0o770) == 0)
    default:
      try #require(symlink(inner, folder + "/link") == 0)
      try #require(lchown(folder + "/link", 65_534, 65_534) == 0)
      inner = folder + "/link"
    }
    let deep = inner + "/deep"
    try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
    let words: String
    switch what {
    case "database": words = try await refusal(balancer(folder, database: deep + "/c.db"))
    case "state": words = try await refusal(instance(deep))
    default:
      try Data("{}".utf8).write(to: URL(filePath: deep + "/lb.json"))
      words = try await refusal(["balancer", "--config", deep + "/lb.json"])
    }
    let expected = ["owner": "the user nobody", "group": "the group nogroup", "link": "a link"]
    #expect(words.contains(expected[how] ?? "?"), "\(words)")
  }

  @Test(
    "a balancer does not start on a database beside which SQLite would read another user's file",
    .enabled(if: geteuid() == 0), arguments: ["", "-wal", "-shm", "-journal"], [true, false])
  func companions(name: String, isLink: Bool) async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/inner/c.db\(name)"
    if isLink {
      try #require(symlink("/nowhere/x", path) == 0)
    } else {
      try Data().write(to: URL(filePath: path))
    }
    try #require(lchown(path, 65_534, 65_534) == 0)
    let words = try await refusal(balancer(folder, database: "\(folder)/inner/c.db"))
    #expect(words.contains("belongs to the user nobody"), "\(words)")
  }

  @Test(
    "a link beside the database, which SQLite would not follow, is named",
    arguments: ["-wal", "-shm", "-journal"])
  func links(name: String) async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/inner/c.db"
    try Data().write(to: URL(filePath: "\(folder)/inner/elsewhere"))
    try #require(symlink("elsewhere", path + name) == 0)
    let words = try await refusal(balancer(folder, database: path))
    #expect(words.contains("\(path)\(name) is a symbolic link, which SQLite does not follow"))
  }

  @Test(
    "an instance does not start on a state file that is not a file, nor wait for it",
    arguments: ["desired.json", "lock"])
  func pipes(name: String) async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try #require(mkfifo("\(folder)/inner/\(name)", 0o600) == 0)
    let words = try await refusal(instance(folder + "/inner"))
    #expect(words.contains("\(name) is not a file"), "\(words)")
  }

  @Test("the units write no core dumps, and keep their folders to the service's group")
  func units() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    for unit in ["aosd-balancer@.service", "aosd-instance@.service"] {
      let text = try String(
        contentsOf: root.appending(path: "Packaging/systemd/\(unit)"), encoding: .utf8)
      let lines = Set(text.split(separator: "\n"))
      #expect(lines.isSuperset(of: ["LimitCORE=0", "StateDirectoryMode=0750", "User=aos"]))
    }
  }
}
