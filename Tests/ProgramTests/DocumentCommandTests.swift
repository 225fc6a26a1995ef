import Foundation
import Testing

/// What the documents tell their readers to type, against what the programs take.
@Suite("The commands of the documents", .timeLimit(.minutes(2)))
struct DocumentCommandTests {
  /// Every document that names a command; those of earlier releases and decisions may be over.
  static let documents: [String] = {
    let files = ["", "Documentation/", "examples/"].flatMap { folder in
      GuidePage.names(in: folder).map { "\(folder)\($0)" }
    }
    return files.filter { file in
      file.hasSuffix(".md") && !["CHANGELOG.md", "DECISIONS.md"].contains(file)
        && (try? DocumentCommandTests.commands(in: file).isEmpty) == false
    }
  }()

  @Test("are found in the documents that have them")
  func found() {
    let known: Set = [
      "README.md", "HACKING.md", "Documentation/BACKUP.md", "Documentation/MONITORING.md",
      "Documentation/OPERATE.md", "Documentation/RUN.md", "Documentation/SECURITY.md",
      "Documentation/TRAFFIC.md", "examples/README.md",
    ]
    #expect(known.isSubset(of: Self.documents))
  }

  /// A run of one of the programs: its name, the words before the first option, the options.
  struct Command: Hashable {
    var program: String
    var words: [String]
    var options: [String]

    init(_ text: Substring) {
      let parts = text.split(separator: " ").map(String.init)
      program = parts[0]
      words = parts.dropFirst().prefix { !$0.hasPrefix("-") }.map { $0 }
      options = parts.filter { $0.hasPrefix("--") }.map { word in
        String(word.prefix { $0 == "-" || $0.isLetter })
      }
    }
  }

  /// Those that stand in a line of their own, and those between backticks.
  private static func commands(in document: String) throws -> Set<Command> {
    let lines = try GuidePage(document).lines
    let found = lines.flatMap { line -> [Substring] in
      let isBlock = line.hasPrefix("    ")
      return line.matches(of: /(?:^ {4,}|`|\| )(aosctl|aosd|aostop)( [^`|#]*)?/)
        .filter { isBlock || $0.output.0.hasPrefix("`") }
        .map { $0.output.0.drop { !$0.isLetter } }
    }
    return Set(found.map(Command.init))
  }

  /// What a program says of the command that begins with these words; nil: it has none.
  private static func help(_ program: String, _ words: [String]) async throws -> String? {
    let result = try await Program.run(Program.path(program), words + ["--help"])
    let name = ([program] + words).joined(separator: " ")
    return result.status == 0 && result.output.contains("USAGE: \(name) ") ? result.output : nil
  }

  @Test("exist, with each of their options", arguments: documents)
  func exist(document: String) async throws {
    let commands = try Self.commands(in: document)
    #expect(!commands.isEmpty)
    for command in commands {
      let names = command.words.prefix(2).prefix { word in
        word.allSatisfy { $0.isLowercase || $0 == "-" }
      }
      var help: String?
      for count in stride(from: names.count, through: 0, by: -1) where help == nil {
        help = try await Self.help(command.program, Array(names.prefix(count)))
        // Every program but aostop does nothing without a command.
        if count == 0, command.program != "aostop", !names.isEmpty { help = nil }
      }
      let text = try #require(help, "\(document): \(command.program) \(command.words)")
      for option in command.options where option.count > 2 {
        let isThere =
          text.contains("\(option) ") || text.contains("\(option),")
          || text.contains("\(option)\n") || text.contains("\(option)]")
        #expect(isThere, "\(document): \(command.program) \(command.words) has no \(option)")
      }
    }
  }

  @Test("every setting that RUN.md gives a daemon is one of its options")
  func settings() async throws {
    let page = try GuidePage("Documentation/RUN.md").lines.joined(separator: "\n")
    let objects = page.matches(of: /\{("[^{}]*)\}/).map { String($0.output.0) }
    #expect(objects.count > 4)
    let help = try await [
      Self.help("aosd", ["balancer"]), Self.help("aosd", ["instance"]),
    ].compactMap { $0 }.joined()
    for object in objects {
      let value = try JSONSerialization.jsonObject(with: Data(object.utf8))
      let settings = try #require(value as? [String: Any], "\(object)")
      for key in settings.keys { #expect(help.contains("--\(key) "), "\(key) in \(object)") }
    }
  }
}
