import ArgumentParser
import Dashboard
import Foundation
import Testing

@testable import AOSControl
@testable import AOSDaemon
@testable import AOSTop

@Suite("What the shell completes")
struct CompletionTests {
  /// What a program says of itself.
  private struct Command: Decodable {
    struct Argument: Decodable {
      struct Completion: Decodable {
        var values: [String]?
        var extensions: [String]?
      }

      var kind: String
      var valueName: String?
      var abstract: String?
      var completionKind: [String: Completion]?
      var allValues: [String]?
    }

    var commandName: String
    var subcommands: [Command]?
    var arguments: [Argument]?

    var all: [Argument] { (arguments ?? []) + (subcommands ?? []).flatMap(\.all) }
  }

  private struct Dump: Decodable { var command: Command }

  /// Every option and operand that takes a value.
  private static func arguments() throws -> [Command.Argument] {
    let dumps = [
      TopOptions._dumpHelp(), AOSControl.Main._dumpHelp(), AOSDaemon.Main._dumpHelp(),
    ]
    return try dumps.flatMap { dump in
      try JSONDecoder().decode(Dump.self, from: Data(dump.utf8)).command.all
    }.filter { $0.kind != "flag" }
  }

  @Test("files where a file is wanted, folders where a folder is")
  func files() throws {
    let arguments = try Self.arguments()
    let wanted = arguments.filter { ["file", "path", "file.axc"].contains($0.valueName) }
    #expect(wanted.count > 30)
    for argument in wanted {
      #expect(argument.completionKind?["file"] != nil, "\(argument.abstract ?? "")")
    }
    let folders = arguments.filter { $0.valueName == "directory" }
    #expect(!folders.isEmpty)
    for folder in folders { #expect(folder.completionKind?["directory"] != nil) }
  }

  @Test("the words themselves where only some are taken")
  func words() throws {
    let arguments = try Self.arguments()
    func words(_ name: String) -> Set<[String]> {
      Set(
        arguments.filter { $0.valueName == name }.map {
          $0.completionKind?["list"]?.values ?? $0.allValues ?? []
        })
    }
    #expect(words("column") == [SortOrder.names + ["help"]])
    #expect(words("level") == [["debug", "info", "notice", "warning", "error"]])
    #expect(words("kind") == [["client", "batch", "service"]])
    #expect(words("role") == [["viewer", "operator", "instance"]])
    #expect(words("services") == [["application", "batch", "application,batch"]])
    #expect(
      words("warning")
        == [["lastServer", "lastBatchServer", "lastBalancer", "overCapacity"]])
  }
}
