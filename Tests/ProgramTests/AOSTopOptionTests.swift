import ArgumentParser
import Foundation
import ProgramSupport
import Testing

@testable import AOSTop

@Suite("Every option of aostop")
struct AOSTopOptionTests {
  static let rows: [String: OptionRow] = [
    "ascii": .flag, "bell": .flag, "mouse": .flag, "no-color": .flag, "plaintext-token": .flag,
    "read-only": .flag, "demo": .flag, "once": .flag, "json": .flag, "stream": .flag,
    "print-config": .flag, "no-colour": .flag,
    "ca-file": .file, "token-file": .file, "record": .file, "replay": .file, "config": .file,
    "critical-load": OptionRow(good: ["85", "1000"], bad: OptionRow.nonsense + ["0", "1001"]),
    "warn-load": OptionRow(good: ["1", "55"], bad: OptionRow.nonsense + ["0", "1001"]),
    "filter": OptionRow(good: ["state:draining"], bad: ["foo:bar"]),
    "sort": OptionRow(good: ["load"], bad: ["beauty"]),
  ]

  private enum Outcome: Equatable {
    case parsed(String)
    case refused(String)
  }

  private static func outcome(
    _ line: [String], _ environment: [String: String] = [:]
  ) -> Outcome {
    do {
      let own = try TopOptions.parse(try TopSettings.plain(line))
      let whole = try TopSettings.completed(line, own, environment: environment)
      return .parsed(contents(of: try TopOptions.parse(whole)))
    } catch let failure as Failure {
      return .refused(failure.lines.joined(separator: " "))
    } catch {
      return .refused(TopOptions.message(for: error))
    }
  }

  private static func outcome(_ name: String, inFile json: String) throws -> Outcome {
    let path = "/tmp/aostop-\(UUID().uuidString).json"
    try Data("{\"\(name)\": \(json)}".utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return switch outcome([], ["AOSTOP_CONFIG": path]) {
    case .parsed(let text): .parsed(text)
    case .refused(let words): .refused(words.replacingOccurrences(of: path, with: "FILE"))
    }
  }

  private static func variable(_ name: String) -> String {
    "AOSTOP_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
  }

  @Test("has a row, and is known to the reader of command lines")
  func complete() throws {
    for option in try DeclaredCommand.aostop().options {
      for name in option.longNames {
        #expect(Self.rows[name] != nil, "--\(name)")
        let setting = TopSettings.line.first { $0.name == name }
        #expect(setting != nil, "--\(name)")
        #expect((setting?.kind == .flag) == option.isFlag, "--\(name)")
      }
    }
  }

  @Test(
    "means the same on the line in both forms, in the environment and in a file",
    arguments: rows.keys.sorted())
  func same(name: String) throws {
    let row = try #require(Self.rows[name])
    let setting = try #require(TopSettings.line.first { $0.name == name })
    let isElsewhere = TopSettings.all.contains(setting)
    for value in row.good where name != "config" {
      var forms = [Self.outcome(["--\(name)=\(value)"])]
      if setting.kind != .flag { forms.append(Self.outcome(["--\(name)", value])) }
      if isElsewhere {
        forms.append(Self.outcome([], [Self.variable(name): value]))
        let inFile = setting.kind == .flag ? [value] : fileForms(value)
        forms += try inFile.map { try Self.outcome(name, inFile: $0) }
      }
      guard case .parsed = forms[0] else {
        Issue.record("\(value): \(forms[0])")
        continue
      }
      for form in forms { #expect(form == forms[0], "\(value)") }
    }
  }

  @Test("is refused with its place where its value is wrong", arguments: rows.keys.sorted())
  func wrong(name: String) throws {
    let row = try #require(Self.rows[name])
    let setting = try #require(TopSettings.line.first { $0.name == name })
    for value in row.bad {
      var places = [(Self.outcome(["--\(name)=\(value)"]), "--\(name)")]
      if setting.kind != .flag { places.append((Self.outcome(["--\(name)", value]), "--\(name)")) }
      if TopSettings.all.contains(setting) {
        let variable = Self.variable(name)
        places.append((Self.outcome([], [variable: value]), variable))
        for form in fileForms(value) {
          places.append((try Self.outcome(name, inFile: form), "FILE: \(name)"))
        }
      }
      for (outcome, place) in places {
        guard case .refused(let words) = outcome else {
          Issue.record("\(value) in \(place) is taken")
          continue
        }
        #expect(words.contains(place), "\(words)")
        PlainWords.check(words)
      }
    }
  }

  @Test(
    "given as false on the line is off, whatever is elsewhere",
    arguments: TopSettings.all.filter { $0.kind == .flag }.map(\.name))
  func off(name: String) throws {
    let off = Self.outcome([])
    #expect(Self.outcome(["--\(name)"]) == Self.outcome(["--\(name)=true"]))
    #expect(Self.outcome(["--\(name)"]) != off)
    #expect(Self.outcome(["--\(name)=false"], [Self.variable(name): "true"]) == off)
  }
}
