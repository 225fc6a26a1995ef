import ArgumentParser
import Foundation
import ProgramSupport
import Testing

@testable import AOSDaemon

@Suite("Every option of aosd")
struct AOSDaemonOptionTests {
  private static let longPath = "/" + String(repeating: "x", count: 107)
  private static let address = OptionRow(good: ["10.0.0.1:2712"], bad: ["nonsense:x", ""])
  private static let listen = OptionRow(
    good: ["127.0.0.1:0", "[::1]:2713"], bad: ["127.0.0.1:port", ""])

  /// By the long name; daemons share options.
  static let rows: [String: OptionRow] = [
    "name": OptionRow(good: ["AOS07", "01@BOX"], bad: ["two words"]),
    "cluster": OptionRow(good: ["PROD"], bad: ["\u{7}"]),
    "listen": listen, "agent-listen": listen,
    "socket": OptionRow(good: ["/tmp/a.sock"], bad: [longPath]),
    "database": OptionRow(good: ["sqlite:/tmp/a.db"], bad: ["mysql://a"]),
    "advertise": address, "services-address": address,
    "reservation-seconds": .number("0", "600", bad: "601"),
    "license-key": .file, "ca-file": .file, "cluster-key": .file, "token-file": .file,
    "state-directory": .file,
    "tls-certificate": OptionRow(good: ["c.pem"], with: ["--tls-key", "k.pem"]),
    "tls-key": OptionRow(good: ["k.pem"], with: ["--tls-certificate", "c.pem"]),
    "connections": .number("7", "1000000", bad: "1000001"),
    "connections-per-address": .number("7", bad: "1000001"),
    "log-level": OptionRow(
      good: ["debug", "info", "notice", "warning", "error"], bad: ["loud", "1"]),
    "max-clients": .number("0", "60", "65535", bad: "65536"),
    "services": OptionRow(good: ["batch", "application,batch"], bad: ["web", ""]),
    "zone": OptionRow(good: ["rack 7, Wien"], bad: ["\u{7}"]),
    "join": OptionRow(good: ["unix:///a.sock"], bad: ["nonsense", "unix://\(longPath)"]),
    "drain-on-stop": OptionRow(
      good: ["0", "120", "604800", "true", "false"], bad: OptionRow.nonsense + ["604801", "off"]),
    "application": OptionRow(
      good: ["10.0.0.1:5432", "unix:/run/app.sock"], bad: ["nonsense:x", "unix:", ""]),
    "allow-from": OptionRow(
      good: ["10.0.0.0/8", "fd00::1"], bad: ["10.0.0.1/8", "x"],
      with: ["--application", "10.0.0.1:5432"]),
    "application-check": OptionRow(
      good: ["on", "off"], bad: ["maybe", ""], with: ["--application", "10.0.0.1:5432"]),
    "application-guard": OptionRow(
      good: ["on", "off"], bad: ["maybe", ""], with: ["--application", "10.0.0.1:5432"]),
    "application-proxy-protocol": OptionRow(
      good: ["true", "false"], bad: OptionRow.flag.bad, with: ["--application", "10.0.0.1:5432"]),
    "slow-start": .number("0", "30", bad: "nonsense"), "no-incidents": .flag,
    "plaintext-token": .flag, "allow-plaintext-operators": .flag,
    "instances": .number("1", "12", bad: "0"), "seed": .number("0", "18446744073709551615"),
    "speed": OptionRow(good: ["2", "2.5", "0.1"], bad: ["0", "fast", "5m", "-1"]),
  ]

  /// What a daemon cannot do without.
  private static let needed: [String: [(name: String, value: String)]] = [
    "instance": [("name", "A"), ("listen", "127.0.0.1:1"), ("max-clients", "5")]
  ]

  struct Case: CustomTestStringConvertible, Sendable {
    var daemon: String
    var name: String
    var kind: Settings.Setting.Kind
    var testDescription: String { "\(daemon) --\(name)" }
    var row: OptionRow { AOSDaemonOptionTests.rows[name] ?? OptionRow() }
    var variable: String {
      "AOSD_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
    }

    /// The line without the option.
    var base: [String] {
      [daemon]
        + (AOSDaemonOptionTests.needed[daemon] ?? []).filter { $0.name != name }
        .map { "--\($0.name)=\($0.value)" } + row.with
    }
  }

  static let cases: [Case] = Main.daemons.flatMap { daemon in
    daemon.settings.map {
      Case(daemon: daemon.configuration.commandName ?? "", name: $0.name, kind: $0.kind)
    }
  }

  private enum Outcome: Equatable {
    case parsed(String)
    case refused(String)
  }

  /// What the program makes of a line.
  private static func outcome(
    _ line: [String], _ environment: [String: String] = [:]
  ) -> Outcome {
    do {
      let line = try Settings.line(line, for: Main.daemons, environment: environment)
      return .parsed(contents(of: try Main.parse(line)))
    } catch let failure as ProgramFailure {
      return .refused(failure.description)
    } catch {
      return .refused(Main.message(for: error))
    }
  }

  /// With an option in a file.
  private static func outcome(
    _ one: Case, inFile json: String, _ environment: [String: String] = [:]
  ) throws -> Outcome {
    let path = "/tmp/aosd-\(UUID().uuidString).json"
    try Data("{\"\(one.name)\": \(json)}".utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return switch outcome(one.base, environment.merging(["AOSD_CONFIG": path]) { $1 }) {
    case .parsed(let text): .parsed(text)
    case .refused(let words): .refused(words.replacingOccurrences(of: path, with: "FILE"))
    }
  }

  @Test("has a row, and is a setting; only --config stands on the command line alone")
  func complete() throws {
    // `restore` is not a daemon: it runs once, by hand, with what is on its line.
    for (path, command) in try DeclaredCommand.aosd().leaves() where path != ["restore"] {
      let daemon = try #require(
        Main.daemons.first { $0.configuration.commandName == path.first })
      let shown = command.options.filter { $0.shouldDisplay != false }
      for option in shown where option.longNames != ["config"] {
        let name = option.longNames.first ?? ""
        #expect(Self.rows[name] != nil, "\(path) --\(name)")
        let setting = daemon.settings.first { $0.name == name }
        #expect(setting != nil, "\(path) --\(name)")
        #expect((setting?.kind == .flag) == option.isFlag, "\(path) --\(name)")
      }
    }
  }

  @Test("a Unix socket is named by its path, or as all other options name one")
  func socket() throws {
    #expect(try socketPathArgument("/run/a.sock") == "/run/a.sock")
    #expect(try socketPathArgument("unix:///run/a.sock") == "/run/a.sock")
    #expect(throws: ValidationError.self) { try socketPathArgument("unix://") }
  }

  @Test(
    "means the same on the line in both forms, in the environment and in a file",
    arguments: cases)
  func same(one: Case) throws {
    for value in one.row.good {
      var forms: [Outcome] = [
        Self.outcome(one.base + ["--\(one.name)=\(value)"]),
        Self.outcome([one.daemon, "--\(one.name)=\(value)"] + one.base.dropFirst()),
        Self.outcome(one.base, [one.variable: value]),
      ]
      if one.kind != .flag {
        forms.append(Self.outcome(one.base + ["--\(one.name)", value]))
        forms.append(Self.outcome([one.daemon, "--\(one.name)", value] + one.base.dropFirst()))
      }
      let inFile = one.kind == .flag ? [value] : fileForms(value)
      forms += try inFile.map { try Self.outcome(one, inFile: $0) }
      guard case .parsed = forms[0] else {
        Issue.record("\(value): \(forms[0])")
        continue
      }
      for form in forms { #expect(form == forms[0], "\(value)") }
    }
    let outcomes = one.row.good.map { Self.outcome(one.base + ["--\(one.name)=\($0)"]) }
    #expect(outcomes.contains { $0 != Self.outcome(one.base) }, "nothing of it arrives")
  }

  @Test("is refused with its place where its value is wrong", arguments: cases)
  func wrong(one: Case) throws {
    func check(_ outcome: Outcome, names place: String, _ value: String) {
      guard case .refused(let words) = outcome else {
        Issue.record("\(value) in \(place) is taken")
        return
      }
      #expect(words.contains(place), "\(words)")
      #expect(words.contains(one.name) || place == one.variable, "\(words)")
      PlainWords.check(words)
    }
    for value in one.row.bad {
      check(Self.outcome(one.base + ["--\(one.name)=\(value)"]), names: "--\(one.name)", value)
      if one.kind != .flag {
        check(Self.outcome(one.base + ["--\(one.name)", value]), names: "--\(one.name)", value)
      }
      if !value.isEmpty {
        check(Self.outcome(one.base, [one.variable: value]), names: one.variable, value)
      }
      for form in fileForms(value) {
        let place = "FILE: \(one.name)"
        check(try Self.outcome(one, inFile: form), names: place, value)
      }
    }
    for form in ["null", "{}", "[[]]", "[null]"] {
      check(try Self.outcome(one, inFile: form), names: "FILE: \(one.name)", form)
    }
    if one.kind == .value {
      check(try Self.outcome(one, inFile: "true"), names: "FILE: \(one.name)", "true")
      check(try Self.outcome(one, inFile: #"["a"]"#), names: "FILE: \(one.name)", "a list")
    }
  }

  @Test(
    "alone means true where it needs no value; false wins over what follows it",
    arguments: cases.filter { $0.kind == .flag || $0.kind == .optionalValue })
  func switches(one: Case) throws {
    let (off, on) = (Self.outcome(one.base), Self.outcome(one.base + ["--\(one.name)=true"]))
    #expect(off != on)
    #expect(Self.outcome(one.base + ["--\(one.name)"]) == on)
    #expect(Self.outcome([one.daemon, "--\(one.name)"] + one.base.dropFirst()) == on)
    #expect(Self.outcome(one.base + ["--\(one.name)=false"], [one.variable: "true"]) == off)
    #expect(try Self.outcome(one, inFile: "true", [one.variable: "false"]) == off)
    #expect(try Self.outcome(one, inFile: "true", [one.variable: ""]) == on)
    #expect(try Self.outcome(one, inFile: "false") == off)
  }

  @Test("whose variable is misspelt is named, with what was meant")
  func misspelt() {
    let line = ["instance", "--name=A", "--listen=127.0.0.1:0", "--max-clients=1"]
    #expect(
      Self.outcome(line, ["AOSD_DRAIN_ON_STOPP": "60"])
        == .refused("unknown variable AOSD_DRAIN_ON_STOPP (did you mean AOSD_DRAIN_ON_STOP?)"))
    #expect(
      Self.outcome(line, ["AOSD_TLS": "x"])
        == .refused("unknown variable AOSD_TLS (did you mean AOSD_TLS_CERTIFICATE?)"))
    let other = ["AOSD_DATABASE": "sqlite:/a.db", "AOSD_SOMETHING_ELSE": "1"]
    #expect(Self.outcome(line, other) == Self.outcome(line), "of another daemon, of nobody")
  }
}
