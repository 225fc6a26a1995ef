import ArgumentParser
import Foundation

@testable import AOSControl
@testable import AOSDaemon
@testable import AOSTop

/// What the programs' parsers declare, so that a table of options is compared with them: an option
/// that is new has no row, and the test of the table fails.
struct DeclaredCommand: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }

    var kind: String
    var names: [Name]?
    var shouldDisplay: Bool?

    var longNames: [String] { (names ?? []).filter { $0.kind == "long" }.map(\.name) }
    var isFlag: Bool { kind == "flag" }
    var isOption: Bool { kind == "option" }
  }

  private struct Dump: Decodable { var command: DeclaredCommand }

  var commandName: String
  var subcommands: [DeclaredCommand]?
  var arguments: [Argument]?

  /// Its options and flags but for those that every parser has.
  var options: [Argument] {
    (arguments ?? []).filter {
      ($0.isFlag || $0.isOption) && Set($0.longNames).isDisjoint(with: ["help", "version"])
    }
  }

  /// The commands that do something, each with the words that lead to it.
  func leaves(below path: [String] = []) -> [(path: [String], command: DeclaredCommand)] {
    let next = (subcommands ?? []).filter { $0.commandName != "help" }
    if next.isEmpty { return [(path, self)] }
    return next.flatMap { $0.leaves(below: path + [$0.commandName]) }
  }

  private static func read(_ text: String) throws -> DeclaredCommand {
    try JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command
  }

  static func aostop() throws -> DeclaredCommand { try read(TopOptions._dumpHelp()) }
  static func aosctl() throws -> DeclaredCommand { try read(AOSControl.Main._dumpHelp()) }
  static func aosd() throws -> DeclaredCommand { try read(AOSDaemon.Main._dumpHelp()) }
}

/// What may stand for an option, and what must be refused.
struct OptionRow {
  var good: [String] = []
  var bad: [String] = []
  /// What else must be on the line.
  var with: [String] = []

  static let file = OptionRow(good: ["some/file"])
  static let flag = OptionRow(good: ["true", "false"], bad: ["perhaps", "5"])
  /// Of a whole number.
  static let nonsense = ["5m", "-1", "1.5", "many", "99999999999999999999"]

  static func number(_ good: String..., bad: String...) -> OptionRow {
    OptionRow(good: good, bad: nonsense + bad)
  }
}

/// A value as everything it holds, so that two can be compared.
func contents(of value: Any) -> String {
  var text = ""
  dump(value, to: &text)
  return text
}

/// How a value may stand in a JSON file: as a string and, where it is a number or true or false,
/// as that.
func fileForms(_ value: String) -> [String] {
  let text = String(decoding: (try? JSONEncoder().encode(value)) ?? Data(), as: UTF8.self)
  let isBare =
    ["true", "false"].contains(value) || value.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?/) != nil
  return isBare ? [text, value] : [text]
}
