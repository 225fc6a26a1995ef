import ArgumentParser
import ClusterClient
import Dashboard
import Foundation
import ProgramSupport
import Testing

@testable import AOSTop

@Suite("Settings of aostop may stand in the environment and in a file")
struct AOSTopSettingsTests {
  private static func options(
    _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> TopOptions {
    let own = try TopOptions.parse(arguments)
    return try TopOptions.parse(
      try TopSettings.completed(arguments, own, environment: environment))
  }

  /// Runs a test with a file of settings.
  private static func withFile(_ text: String, _ test: (String) throws -> Void) throws {
    try AOSTopFixture.withPath { (path: String) throws in
      try AOSTopFixture.save(text, to: path)
      try test(path)
    }
  }

  @Test("the command line wins over the environment, and the environment over the file")
  func order() throws {
    let text = #"{"filter": "FILE", "sort": "load", "read-only": true, "no-color": true}"#
    try Self.withFile(text) { (path: String) throws in
      let options = try Self.options(
        ["-c", path, "-F", "LINE"],
        ["AOSTOP_FILTER": "ENV", "AOSTOP_SORT": "state", "AOSTOP_NO_COLOR": "false"])
      #expect(options.filter == "LINE")
      #expect(options.sort == "state")
      #expect(options.readOnly)
      #expect(!options.noColor)
      #expect(!options.ascii)
    }
  }

  @Test("endpoints: the command line, the environment, $AOS_BALANCER, the file")
  func endpoints() throws {
    try Self.withFile(#"{"endpoints": ["http://a:1", "http://b:2"]}"#) { (path: String) throws in
      let line = ["--config", path]
      #expect(try Self.options(line).endpoints == ["http://a:1", "http://b:2"])
      #expect(try Self.options(line + ["http://c:3"]).endpoints == ["http://c:3"])
      #expect(try Self.options(line + ["--demo"]).endpoints == [])
      #expect(try Self.options(line, ["AOS_BALANCER": "http://d:4"]).endpoints == [])
      let own = ["AOS_BALANCER": "http://d:4", "AOSTOP_ENDPOINTS": "http://e:5,http://f:6"]
      #expect(try Self.options(line, own).endpoints == ["http://e:5", "http://f:6"])
    }
  }

  @Test("the file lies where the desktop says, and need not be there")
  func place() throws {
    #expect(TopSettings.standardPath(["HOME": "/h"]) == "/h/.config/aostop/config.json")
    #expect(
      TopSettings.standardPath(["XDG_CONFIG_HOME": "/x", "HOME": "/h"])
        == "/x/aostop/config.json")
    #expect(TopSettings.standardPath([:]) == nil)
    #expect(try Self.options([], ["HOME": "/nowhere"]).filter == "")
    try AOSTopFixture.withPath { (path: String) throws in
      try FileManager.default.createDirectory(
        atPath: path + "/aostop", withIntermediateDirectories: true)
      try AOSTopFixture.save(#"{"ascii": true}"#, to: path + "/aostop/config.json")
      #expect(try Self.options([], ["XDG_CONFIG_HOME": path]).ascii)
    }
  }

  @Test(
    "an error names the file and the key",
    arguments: [
      ("{", "is not valid JSON"), ("[]", "must be"),
      (#"{"fliter": "x"}"#, #"unknown option "fliter" (did you mean "filter"?)"#),
      (#"{"filter": true}"#, "filter takes a value, not true or false"),
      (#"{"filter": ["a"]}"#, "filter takes one value, not a list"),
      (#"{"read-only": "yes"}"#, "read-only takes true or false"),
      (#"{"read-only": 1}"#, "read-only takes true or false"),
      (#"{"warn-load": 0}"#, "warn-load: --warn-load takes 1 to 1000 percent"),
      (#"{"critical-load": "much"}"#, "critical-load: "),
      (#"{"sort": "beauty"}"#, "sort: --sort has no column 'beauty'"),
      (#"{"endpoints": ["nonsense"]}"#, "endpoints: "), (#"{"sort": {}}"#, "sort takes no object"),
      (#"{"record": "x"}"#, "--record is for a single run"),
      (#"{"demo": true}"#, "--demo is for a single run"),
      (#"{"readonly": true}"#, #"unknown option "readonly" (did you mean "read-only"?)"#),
    ])
  func wrong(text: String, complaint: String) throws {
    try Self.withFile(text) { (path: String) throws in
      let failure = #expect(throws: Failure.self) { try Self.options(["-c", path]) }
      #expect(failure?.status == .wrongInput)
      let line = failure?.lines.first ?? ""
      #expect(line.contains(path))
      #expect(line.contains(complaint), "\(line)")
    }
  }

  @Test("a missing file is reported, and so is a wrong variable")
  func missing() throws {
    let failure = #expect(throws: Failure.self) {
      try Self.options([], ["AOSTOP_CONFIG": "/nowhere/config.json"])
    }
    #expect(
      failure?.lines == [
        "--config: cannot read /nowhere/config.json: No such file or directory"
      ])
    let wrong = #expect(throws: Failure.self) {
      try Self.options([], ["AOSTOP_READ_ONLY": "perhaps"])
    }
    #expect(wrong?.lines == ["AOSTOP_READ_ONLY takes true or false"])
  }

  @Test("a variable of what one run does, and one cut short, are refused and not skipped")
  func variables() throws {
    for option in TopSettings.typed {
      let name = option.variable(of: "aostop")
      let failure = #expect(throws: Failure.self) { try Self.options([], [name: "1"]) }
      let words = "\(name): --\(option.name) is for a single run, and is allowed on the command "
      #expect(failure?.lines == [words + "line only"])
      #expect(throws: Never.self) { try Self.options([], [name: ""]) }
    }
    for (name, meant) in [
      ("AOSTOP_WARN", "AOSTOP_WARN_LOAD"), ("AOSTOP_READ", "AOSTOP_READ_ONLY"),
      ("AOSTOP_ENDPOINT", "AOSTOP_ENDPOINTS"),
    ] {
      let failure = #expect(throws: Failure.self) { try Self.options([], [name: "1"]) }
      #expect(failure?.lines == ["unknown variable \(name) (did you mean \(meant)?)"])
    }
    #expect(throws: Never.self) { try Self.options([], ["AOSTOP_VERSION": "1", "AOSTOP_X": "1"]) }
  }

  @Test("filter and order of a file do not stand in the way of JSON")
  func json() throws {
    try Self.withFile(#"{"filter": "x", "sort": "load"}"#) { (path: String) throws in
      #expect(try Self.options(["-c", path, "--json"]).filter == "")
    }
  }

  @Test("what is printed has every key, and is read as what it was printed from")
  func printed() throws {
    let options = try TopOptions.parse([
      "-F", "a \"b\"", "-s", "load", "--read-only", "-U", "--warn-load", "55", "--bell",
    ])
    let text = options.settingsText(endpoints: [.unix(path: "/run/x.sock")])
    for name in TopSettings.all.map(\.name) { #expect(text.contains("\"\(name)\": ")) }
    #expect(text.split(separator: "\n").count == TopSettings.all.count + 2)
    try Self.withFile(text) { (path: String) throws in
      let read = try Self.options(["-c", path])
      #expect(read.filter == "a \"b\"")
      #expect(read.sort == "load")
      #expect(read.thresholds == LoadThresholds(warnPercent: 55, criticalPercent: 90))
      #expect(read.bell)
      #expect(read.readOnly && read.ascii && !read.noColor)
      #expect(read.endpoints == ["unix:///run/x.sock"])
      #expect(read.settingsText(endpoints: [.unix(path: "/run/x.sock")]) == text)
    }
  }

  @Test("settings are what the parser knows")
  func table() {
    let help = TopOptions.helpMessage(columns: 500)
    for setting in TopSettings.all where setting != TopSettings.endpoints {
      #expect(help.contains("--\(setting.name)"))
    }
  }
}
