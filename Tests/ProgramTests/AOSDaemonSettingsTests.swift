import ArgumentParser
import ClusterClient
import ClusterModel
import Foundation
import Logging
import ProgramSupport
import Registry
import Testing

@testable import AOSDaemon

@Suite("Options of aosd may stand in the environment and in a file")
struct AOSDaemonSettingsTests {
  private func completed(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> [String] {
    try Settings.completed(arguments, for: Main.daemons, environment: environment)
  }

  /// Runs a test with a configuration file.
  private func withFile(_ text: String, _ test: (String) throws -> Void) throws {
    let path = "/tmp/aosd-\(UUID().uuidString).json"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try test(path)
  }

  @Test("the command line wins over the environment, and the environment over the file")
  func order() throws {
    try withFile(#"{"name": "FILE", "max-clients": 7, "listen": "127.0.0.1:1"}"#) { path in
      let line = try completed(
        ["instance", "--config", path, "--name", "LINE"],
        environment: ["AOSD_NAME": "ENV", "AOSD_MAX_CLIENTS": "8"])
      let command = try #require(try Main.parseAsRoot(line) as? InstanceCommand)
      #expect(command.name == (try InstanceID("LINE")))
      #expect(command.maxClients == 8)
      #expect(command.listen.port == 1)
    }
  }

  @Test("--drain-on-stop takes at least a minute, and a smaller value is raised with a message")
  func drainOnStop() throws {
    for (given, seconds) in [("5", 60), ("0", 60), ("60", 60), ("600", 600)] {
      let option = try DrainOnStop(given)
      #expect(option.seconds == seconds)
      #expect((option.note != nil) == (given != "\(seconds)"), "\(given)")
    }
    #expect(try DrainOnStop("true") == .unlimited)
    #expect(try DrainOnStop("true").seconds == nil)
    #expect(try DrainOnStop("false") == .off)
  }

  @Test("an option that may be repeated is a list in either, and is given whole")
  func lists() throws {
    let base = ["instance", "--name", "A", "--listen", "127.0.0.1:0", "--max-clients", "1"]
    let fromEnvironment = try completed(
      base, environment: ["AOSD_JOIN": "unix:///a.sock,unix:///b.sock"])
    var command = try #require(try Main.parseAsRoot(fromEnvironment) as? InstanceCommand)
    #expect(command.join.map(\.description) == ["unix:///a.sock", "unix:///b.sock"])
    try withFile(#"{"join": ["unix:///c.sock", "unix:///d.sock"]}"#) { path in
      let line = try completed(base, environment: ["AOSD_CONFIG": path])
      command = try #require(try Main.parseAsRoot(line) as? InstanceCommand)
      #expect(command.join.map(\.description) == ["unix:///c.sock", "unix:///d.sock"])
      let own = try completed(base + ["--join=unix:///e.sock", "--config=\(path)"])
      command = try #require(try Main.parseAsRoot(own) as? InstanceCommand)
      #expect(command.join.map(\.description) == ["unix:///e.sock"])
    }
  }

  @Test(
    "a file that is wrong is named, with the place in it",
    arguments: [
      ("{", "line 1 is not valid JSON"), ("[]", "the file must be"),
      (#"{"naem": "A"}"#, #"unknown option "naem" (did you mean "name"?)"#),
      (#"{"database": "A"}"#, #"unknown option "database""#),
      (#"{"name": ["A", "B"]}"#, "name takes one value"),
      (#"{"name": {"a": 1}}"#, "name takes no object"), (#"{"name": null}"#, "name is null"),
      (#"{"join": [["a"]]}"#, "join takes a list of strings"),
    ])
  func wrongFile(text: String, complaint: String) throws {
    try withFile(text) { path in
      let failure = #expect(throws: ProgramFailure.self) {
        try completed(["instance", "--config", path])
      }
      #expect(failure?.description.contains(path) == true)
      #expect(failure?.description.contains(complaint) == true, "\(failure?.description ?? "")")
    }
  }

  @Test(
    "a file is read strictly, and the line of a fault is named",
    arguments: [
      (
        "{\n\"max-clients\": 5,\n\"max-clients\": 50\n}",
        "max-clients is given twice, again in line 3"
      ),
      ("{\n\"max-clients\": 5,\n}", "line 3 is not valid JSON"),
      ("{\"max-clients\": 5}\n{}", "line 2 continues after its JSON value"),
      ("{'max-clients': 5}", "line 1 is not valid JSON"),
    ])
  func strictFile(text: String, complaint: String) throws {
    try withFile(text) { path in
      let failure = #expect(throws: ProgramFailure.self) {
        try completed(["instance", "--config", path])
      }
      #expect(failure?.description.contains("\(path): \(complaint)") == true)
      #expect(failure?.description.contains("body") == false)
    }
  }

  @Test("a file that is missing is named")
  func missingFile() {
    #expect(throws: ProgramFailure.self) {
      try completed(["instance", "--config", "/nowhere/aosd.json"])
    }
  }

  @Test("a password in the database's URL is refused, and not repeated")
  func password() throws {
    let url = "postgres://aos:s3cret@host/aos"
    let lines = [
      ["balancer", "--database", url],
      try completed(["balancer"], environment: ["AOSD_DATABASE": url]),
    ]
    for line in lines {
      let error = try #require(throws: (any Error).self) { try Main.parseAsRoot(line) }
      let words = Main.fullMessage(for: error)
      #expect(words.contains("--database must not contain a password"))
      #expect(!words.contains("s3cret"))
    }
  }

  @Test("help is given whatever is elsewhere")
  func help() throws {
    let line = ["instance", "--help", "--config", "/nowhere/aosd.json"]
    #expect(try completed(line) == line)
    #expect(try completed(["--version"]) == ["--version"])
    #expect(try completed([]) == [])
  }

  @Test("the settings of each daemon are the options of its parser, without --config")
  func table() throws {
    for daemon in Main.daemons {
      let help = Main.helpMessage(for: daemon, columns: 500)
      let listed = Set(help.matches(of: /\s--([a-z-]+)/).map { String($0.1) })
      let named = Set(daemon.settings.map(\.name) + ["config", "help", "version"])
      let shown = listed.filter { help.contains(" --\($0) <") || help.contains("\n  --\($0)") }
      #expect(shown.isSubset(of: named), "\(shown.subtracting(named))")
      #expect(Set(daemon.settings.map(\.name)).isSubset(of: listed))
    }
  }

  @Test(
    "state is kept where the system says",
    arguments: [
      (["STATE_DIRECTORY": "/var/lib/aos:/b", "HOME": "/h"], "/var/lib/aos"),
      (["XDG_STATE_HOME": "/x", "HOME": "/h"], "/x/aos/A"),
      (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/aos/A"),
      (["HOME": "/h"], "/h/.local/state/aos/A"), ([:], nil),
    ] as [([String: String], String?)])
  func stateDirectory(environment: [String: String], path: String?) {
    #expect(StateDirectoryPath.standard(name: "A", environment: environment) == path)
  }

  @Test(
    "a balancer keeps its socket and registry where aostop looks, or where systemd says",
    arguments: [
      (
        ["RUNTIME_DIRECTORY": "/run/aos:/b", "STATE_DIRECTORY": "/var/lib/aos:/c"], false,
        "/run/aos/balancer.sock", "/var/lib/aos/cluster.db"
      ),
      ([:], true, "/run/aos/balancer.sock", "/var/lib/aos/cluster.db"),
      (
        ["XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/h"], false,
        "/run/user/7/aos/balancer.sock", "/h/.local/state/aos/cluster.db"
      ),
      (["XDG_STATE_HOME": "/x"], false, nil, "/x/aos/cluster.db"),
    ] as [([String: String], Bool, String?, String)])
  func places(
    environment: [String: String], isRoot: Bool, socket: String?, database: String
  ) throws {
    let places = StandardPlaces(environment: environment, isRoot: isRoot)
    #expect(places.socket == socket)
    #expect(try places.database() == DatabaseURL("sqlite:\(database)"))
  }

  @Test("a log line is one line, for a person with the time, for the journal with a priority")
  func logLines() {
    let person = LineLogHandler(isForJournal: false)
    let journal = LineLogHandler(isForJournal: true)
    let time = Timestamp(milliseconds: 0)
    #expect(
      person.line(.warning, "Not\njoined", ["b": "\u{1b}[2J", "a": "1"], at: time)
        == "1970-01-01T00:00:00.000Z warning: Not?joined a=1 b=?[2J")
    #expect(journal.line(.error, "Lost", [:], at: time) == "<3>Lost")
  }
}
