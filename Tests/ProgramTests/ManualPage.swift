import ClusterModel
import Dashboard
import Foundation

/// A manual page in roff, made of what a program says of its options and of tables.
struct ManualPage {
  /// What the parser of a program says of itself (`--experimental-dump-help`).
  struct Command: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable {
        var kind: String
        var name: String
      }

      var kind: String
      var shouldDisplay: Bool
      var isOptional: Bool
      var isRepeating: Bool
      var names: [Name]?
      var valueName: String?
      var abstract: String?
    }

    var commandName: String
    var abstract: String?
    var discussion: String?
    var subcommands: [Command]?
    var arguments: [Argument]?
  }

  private struct Dump: Decodable { var command: Command }

  private let program: Command
  private var lines: [String] = []

  init(of dumpedHelp: String) throws {
    program = try JSONDecoder().decode(Dump.self, from: Data(dumpedHelp.utf8)).command
    let name = program.commandName
    lines = [
      ".\\\" Made of the program's own tables by ManualTests; not to be edited.",
      ".TH \(name.uppercased()) 1 \"\" \"aostop \(ProgramVersion.current)\" \"User Commands\"",
      ".SH NAME", "\(name) \\- \(Self.escaped(Self.lowered(program.abstract ?? "")))",
    ]
    addSynopsis()
    addParagraphs(program.discussion ?? "", title: "DESCRIPTION")
    lines.append(".SH OPTIONS")
    addArguments(of: program)
    let commands = Self.commands(of: program)
    if !commands.isEmpty { lines.append(".SH COMMANDS") }
    for command in commands { add(command, below: [name]) }
  }

  var text: String { lines.joined(separator: "\n") + "\n" }

  private mutating func addSynopsis() {
    lines += [".SH SYNOPSIS", ".B \(program.commandName)"]
    if Self.commands(of: program).isEmpty {
      lines.append("[\\fIoptions\\fR]" + Self.operands(of: program))
    } else {
      lines.append("\\fIcommand\\fR [\\fIoptions\\fR]")
    }
  }

  /// The commands but the one that every program has.
  private static func commands(of program: Command) -> [Command] {
    (program.subcommands ?? []).filter { $0.commandName != "help" }
  }

  private mutating func add(_ command: Command, below path: [String]) {
    let path = path + [command.commandName]
    lines += [".SS \(path.joined(separator: " "))\(Self.operands(of: command))"]
    for text in [command.abstract, command.discussion].compactMap({ $0 }) where !text.isEmpty {
      lines += text.split(separator: "\n").map { Self.escaped(String($0)) } + [".PP"]
    }
    addArguments(of: command)
    for command in command.subcommands ?? [] { add(command, below: path) }
  }

  private mutating func addArguments(of command: Command) {
    for argument in command.arguments ?? [] where argument.shouldDisplay {
      let value = argument.valueName.map { "\\fI\(Self.escaped($0))\\fR" } ?? ""
      var head = argument.kind == "positional" ? value : ""
      let names = (argument.names ?? []).map { name in
        "\\fB\\-\(name.kind == "long" ? "\\-" : "")\(Self.escaped(name.name))\\fR"
      }
      if argument.kind != "positional" {
        head = names.joined(separator: ", ") + (argument.kind == "option" ? " \(value)" : "")
      }
      lines += [".TP", head, Self.escaped(argument.abstract ?? "")]
    }
  }

  private static func operands(of command: Command) -> String {
    (command.arguments ?? []).filter { $0.kind == "positional" && $0.shouldDisplay }
      .map { argument in
        let name = "\\fI\(escaped(argument.valueName ?? ""))\\fR"
        let dots = argument.isRepeating ? " ..." : ""
        return argument.isOptional ? " [\(name)\(dots)]" : " \(name)\(dots)"
      }.joined()
  }

  mutating func addParagraphs(_ text: String, title: String) {
    lines.append(".SH \(title)")
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      lines.append(line.isEmpty ? ".PP" : Self.escaped(String(line)))
    }
  }

  /// The parts of the help screen.
  mutating func add(_ sections: [HelpSection], title: String) {
    lines.append(".SH \(title)")
    for section in sections {
      lines.append(".SS \(Self.escaped(section.title))")
      for line in section.lines {
        lines += [".TP", "\\fB\(Self.escaped(line.term))\\fR", Self.escaped(line.text)]
      }
    }
  }

  /// Nothing in it is an order to roff.
  private static func escaped(_ text: String) -> String {
    let body = text.replacingOccurrences(of: "\\", with: "\\e")
      .replacingOccurrences(of: "-", with: "\\-")
    let named = body.unicodeScalars.map { scalar in
      let digits = String(scalar.value, radix: 16, uppercase: true)
      let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
      return scalar.isASCII ? String(scalar) : "\\[u\(zeros)\(digits)]"
    }.joined()
    return named.hasPrefix(".") || named.hasPrefix("'") ? "\\&" + named : named
  }

  /// As the line of a page's name has it: no capital, no full stop.
  private static func lowered(_ text: String) -> String {
    let trimmed = text.hasSuffix(".") ? text.dropLast() : text[...]
    return trimmed.prefix(1).lowercased() + trimmed.dropFirst()
  }
}
