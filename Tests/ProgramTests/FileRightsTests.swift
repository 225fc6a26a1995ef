import ClusterModel
import Foundation
import Testing

@testable import SmallFiles

/// Files and folders that others may have written are refused at the start, by every program.
@Suite("Files of others", .timeLimit(.minutes(2)))
struct FileRightsTests {
  private static let rights = ProcessRights(owners: [0, 1_000], groups: [1_000, 50])

  struct Case: CustomTestStringConvertible, Sendable {
    var kind: GuardedFile
    var mode: UInt32
    var owner: UInt32 = 1_000
    var group: UInt32 = 1_000
    var isRefused: Bool

    var testDescription: String {
      "\(kind) \(String(mode, radix: 8)) of \(owner):\(group)"
    }
  }

  static let cases = [
    Case(kind: .database, mode: 0o600, isRefused: false),
    Case(kind: .database, mode: 0o600, owner: 0, group: 0, isRefused: false),
    Case(kind: .database, mode: 0o660, group: 50, isRefused: false),
    Case(kind: .database, mode: 0o660, group: 7, isRefused: true),
    Case(kind: .database, mode: 0o666, isRefused: true),
    Case(kind: .database, mode: 0o600, owner: 7, isRefused: true),
    Case(kind: .databaseFolder, mode: 0o1777, owner: 0, group: 0, isRefused: false),
    Case(kind: .databaseFolder, mode: 0o777, owner: 0, group: 0, isRefused: true),
    Case(kind: .databaseFolder, mode: 0o750, owner: 7, isRefused: true),
    Case(kind: .stateFolder, mode: 0o750, isRefused: false),
    Case(kind: .stateFolder, mode: 0o777, isRefused: true),
    Case(kind: .stateFolder, mode: 0o1777, isRefused: true),
    Case(kind: .stateFolder, mode: 0o770, isRefused: true),
    Case(kind: .state, mode: 0o600, owner: 7, isRefused: true),
    Case(kind: .socketFolder, mode: 0o750, isRefused: false),
    Case(kind: .socketFolder, mode: 0o1777, owner: 0, group: 0, isRefused: false),
    Case(kind: .socketFolder, mode: 0o707, isRefused: true),
    Case(kind: .configuration, mode: 0o644, isRefused: false),
    Case(kind: .configuration, mode: 0o640, owner: 0, isRefused: false),
    Case(kind: .configuration, mode: 0o664, isRefused: false),
    Case(kind: .configuration, mode: 0o664, group: 7, isRefused: true),
    Case(kind: .configuration, mode: 0o646, isRefused: true),
    Case(kind: .configuration, mode: 0o644, owner: 7, isRefused: true),
    Case(kind: .publicKey, mode: 0o644, isRefused: false),
    Case(kind: .publicKey, mode: 0o666, isRefused: true),
    Case(kind: .privateKey, mode: 0o600, isRefused: false),
    Case(kind: .privateKey, mode: 0o640, owner: 0, isRefused: false),
    Case(kind: .privateKey, mode: 0o644, isRefused: true),
    Case(kind: .token, mode: 0o640, owner: 7, isRefused: false),
    Case(kind: .token, mode: 0o604, isRefused: true),
    Case(kind: .token, mode: 0o602, isRefused: true),
  ]

  @Test(
    "a file or folder that others may have written is refused, with its mode or its owner",
    arguments: cases)
  func table(one: Case) {
    let facts = FileFacts(mode: one.mode, owner: one.owner, group: one.group)
    let complaint = FileRights.complaint(
      about: facts, at: "/x", as: one.kind.rule, Self.rights)
    #expect((complaint != nil) == one.isRefused, "\(complaint ?? "taken")")
    #expect(complaint?.contains("/x") ?? true)
  }

  @Test("users and groups are named, and numbered where the system has no name for them")
  func names() {
    let nobody: UInt32 = 4_000_000_000
    for (facts, words) in [
      (FileFacts(mode: 0o600, owner: nobody, group: 0), "the user number 4000000000, who"),
      (FileFacts(mode: 0o660, owner: 0, group: nobody), "the group number 4000000000 (mode"),
      (FileFacts(mode: 0o660, owner: 0, group: 1), "the group daemon (mode"),
    ] {
      let complaint = FileRights.complaint(
        about: facts, at: "/x", as: GuardedFile.database.rule, Self.rights)
      #expect(complaint?.contains(words) == true, "\(complaint ?? "taken")")
    }
  }

  struct StepCase: CustomTestStringConvertible, Sendable {
    var mode: UInt32
    var owner: UInt32 = 0
    var group: UInt32 = 0
    /// Whose the next name is.
    var next: UInt32? = 0
    var isLink = false
    var isRefused: Bool

    var testDescription: String {
      "\(String(mode, radix: 8)) of \(owner):\(group), \(isLink ? "link" : "name") of \(next ?? 0)"
    }
  }

  static let stepCases = [
    StepCase(mode: 0o755, isRefused: false),
    StepCase(mode: 0o700, owner: 1_000, group: 1_000, next: 1_000, isRefused: false),
    StepCase(mode: 0o755, owner: 7, isRefused: true),
    StepCase(mode: 0o1755, owner: 7, isRefused: true),
    StepCase(mode: 0o775, group: 50, isRefused: false),
    StepCase(mode: 0o775, group: 7, isRefused: true),
    StepCase(mode: 0o1775, group: 7, isRefused: false),
    StepCase(mode: 0o1775, group: 7, next: 7, isRefused: true),
    StepCase(mode: 0o777, isRefused: true),
    StepCase(mode: 0o1777, next: 1_000, isRefused: false),
    StepCase(mode: 0o1777, next: nil, isRefused: false),
    StepCase(mode: 0o1777, next: 7, isRefused: true),
    // A folder of the way, whose own step says whose it is.
    StepCase(mode: 0o755, next: 7, isRefused: false),
    StepCase(mode: 0o755, next: 7, isLink: true, isRefused: true),
    StepCase(mode: 0o755, next: 1_000, isLink: true, isRefused: false),
  ]

  @Test(
    "a path is refused where another user can put something else in the place of a part of it",
    arguments: stepCases)
  func steps(one: StepCase) {
    let entry = one.next.map {
      FileFacts(mode: one.isLink ? 0o120777 : 0o040755, owner: $0, group: 0)
    }
    let step = Way.Step(
      folder: "/x", facts: FileFacts(mode: one.mode, owner: one.owner, group: one.group),
      name: "y", entry: entry)
    let complaint = FileRights.complaint(about: step, onTheWayTo: "/x/y/z", Self.rights)
    #expect((complaint != nil) == one.isRefused, "\(complaint ?? "taken")")
    #expect(complaint?.hasPrefix("/x/y/z ") ?? true)
  }

  @Test("the way to a path has every folder that leads to it, through every link")
  func way() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(
      atPath: "\(folder)/a/b", withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: "\(folder)/a/b/file"))
    try #require(symlink("../a/b", "\(folder)/a/one") == 0)
    try #require(symlink("\(folder)/a/one/./file", "\(folder)/two") == 0)
    try #require(symlink("round", "\(folder)/round") == 0)
    func steps(to path: String) -> [String] {
      var (way, names) = (Way(to: path), [String]())
      while let step = way.next() { names.append("\(step.folder) \(step.name)") }
      return names
    }
    let name = String(folder.dropFirst("/tmp/".count))
    let start = ["/ tmp", "/tmp \(name)"]
    #expect(
      steps(to: "\(folder)/two") == start + ["\(folder) two"] + start + [
        "\(folder) a", "\(folder)/a one", "\(folder) a", "\(folder)/a b", "\(folder)/a/b file",
      ])
    #expect(steps(to: "\(folder)/no/such") == start + ["\(folder) no"])
    #expect(steps(to: "\(folder)/round/x").count < 50, "a link to itself ends")
    #expect(steps(to: "x").last?.hasSuffix(" x") == true)
  }

  @Test("every kind of file is in the table of cases")
  func complete() {
    #expect(Set(Self.cases.map(\.kind)) == Set(GuardedFile.allCases))
  }

  @Test("what is checked is what is open, whatever lies at its path by then")
  func sameFile() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (path, other) = ("\(folder)/token", "\(folder)/other")
    for file in [path, other] { try Data("hush".utf8).write(to: URL(filePath: file)) }
    try Self.chmod(path, 0o604)
    try Self.chmod(other, 0o600)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    try #require(rename(other, path) == 0)
    try FileRights.check(path, as: .token, field: "--x")
    #expect(throws: InvalidValue.self) {
      try FileRights.check(descriptor: descriptor, at: path, as: .token, field: "--x")
    }
  }

  @Test("as root the files of the service's account and of the caller of sudo are taken too")
  func root() {
    let caller = ProcessRights.current(sudoUser: "4711").owners
    #expect(caller.contains(4_711) == (geteuid() == 0))
    #expect(!ProcessRights.current(sudoUser: nil).owners.contains(4_711))
    #expect(ProcessRights.current(sudoUser: "x").owners.isSuperset(of: [0, geteuid()]))
  }

  // MARK: Programs

  private static func folder() throws -> String {
    let path = "/tmp/aosf-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  private static func chmod(_ path: String, _ mode: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  private func refusal(_ arguments: String...) async throws -> String {
    let run = try await Program.run(Program.path("aosd"), arguments, environment: [:])
    #expect(run.status == 1)
    #expect(run.output.isEmpty)
    return run.error
  }

  @Test(
    "a daemon refuses to start on a folder that everybody can write, with the reason",
    arguments: ["state", "database", "socket", "above"])
  func openFolder(what: String) async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let inner = folder + "/inner"
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
    try Self.chmod(what == "above" ? folder : inner, 0o777)
    let words =
      switch what {
      case "database":
        try await refusal(
          "balancer", "--listen", "127.0.0.1:0", "--database", "sqlite:\(inner)/c.db", "--socket",
          "\(folder)/lb.sock")
      case "socket":
        try await refusal(
          "balancer", "--listen", "127.0.0.1:0", "--database", "sqlite:\(folder)/c.db", "--socket",
          "\(inner)/lb.sock")
      default:
        try await refusal(
          "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "1",
          "--state-directory", inner)
      }
    #expect(words.contains("everybody on this machine"), "\(words)")
    #expect(words.contains("0777"), "\(words)")
    #expect(words.contains("chmod o-w"), "\(words)")
  }

  @Test(
    "a daemon does not start on a file of another user, and names the user",
    .enabled(if: geteuid() == 0), arguments: ["database", "state", "config"])
  func otherOwner(what: String) async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = ["database": "c.db", "state": "desired.json", "config": "lb.json"][what] ?? ""
    let path = "\(folder)/\(file)"
    try Data((what == "config" ? "{}" : "").utf8).write(to: URL(filePath: path))
    try Self.chmod(path, 0o600)
    try #require(chown(path, 65_534, 65_534) == 0)
    let words =
      switch what {
      case "state":
        try await refusal(
          "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "1",
          "--state-directory", folder)
      case "config":
        try await refusal("balancer", "--config", path)
      default:
        try await refusal(
          "balancer", "--listen", "127.0.0.1:0", "--database", "sqlite:\(path)", "--socket",
          "\(folder)/lb.sock")
      }
    #expect(words.contains("belongs to the user nobody"), "\(words)")
  }

  @Test(
    "a file that everybody can write is refused by every program and every option",
    arguments: [
      "--config", "--token-file", "--cluster-key", "--license-key", "--tls-key",
      "--tls-certificate", "--ca-file", "aosctl --token-file", "aostop --config", "license --key",
    ])
  func openFile(option: String) async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/file"
    try Data("{}".utf8).write(to: URL(filePath: path))
    try Self.chmod(path, 0o666)
    let instance = [
      "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "1",
      "--state-directory", "\(folder)/state", "--join", "http://127.0.0.1:1",
    ]
    let balancer = [
      "balancer", "--listen", "127.0.0.1:0", "--database", "sqlite:\(folder)/c.db", "--socket",
      "\(folder)/lb.sock",
    ]
    let chain = option == "--tls-key" ? try await certificate(in: folder) : ""
    let (program, arguments): (String, [String]) =
      switch option {
      case "--config": ("aosd", balancer + [option, path])
      case "--token-file": ("aosd", instance + [option, path])
      case "--cluster-key": ("aosd", instance.dropLast(2) + [option, path])
      case "--tls-key":
        ("aosd", balancer + ["--tls-certificate", chain, option, path])
      case "--tls-certificate": ("aosd", balancer + ["--tls-key", path, option, path])
      case "aosctl --token-file":
        ("aosctl", ["status", "--balancer", "http://127.0.0.1:1", "--token-file", path])
      case "aostop --config": ("aostop", ["--config", path, "--once"])
      case "license --key":
        (
          "aosctl",
          [
            "license", "issue", "--key", path, "--holder", "x", "--cluster", "x", "--seats", "1",
            "--days", "1",
          ]
        )
      default: ("aosd", balancer + [option, path])
      }
    let run = try await Program.run(Program.path(program), Array(arguments), environment: [:])
    #expect(run.status == 1)
    #expect(run.error.contains("everybody on this machine"), "\(run.error)")
  }

  private func certificate(in folder: String) async throws -> String {
    let path = "\(folder)/lb.crt"
    let run = try await Program.run(
      "/usr/bin/env",
      [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", "2", "-subj", "/CN=LB1", "-keyout", "\(folder)/lb.key", "-out", path,
      ])
    #expect(run.status == 0, "\(run.error)")
    return path
  }

  @Test("nobody else can open a daemon's socket, from its first moment")
  func socketMode() async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // The loosest mask that a shell can hand on.
    let before = umask(0)
    let daemon = try Daemon(
      Program.path("aosd"),
      [
        "balancer", "--listen", "127.0.0.1:0", "--database", "sqlite:\(folder)/c.db", "--socket",
        "\(folder)/lb.sock",
      ])
    umask(before)
    let look = try await Program.run(
      "/bin/sh",
      [
        "-c", "until [ -S \"$1\" ]; do :; done; stat -c %a \"$1\"", "sh", "\(folder)/lb.sock",
      ])
    #expect(look.output.hasSuffix("0\n"), "\(look.output)\(look.error)")
    _ = try await daemon.readyPort()
    let mask = try String(contentsOfFile: "/proc/\(daemon.processID)/status", encoding: .utf8)
      .split(separator: "\n").first { $0.hasPrefix("Umask:") }
    #expect(mask?.hasSuffix("07") == true, "\(mask ?? "none")")
  }
}
