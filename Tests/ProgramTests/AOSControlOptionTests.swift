import ArgumentParser
import Foundation
import ProgramSupport
import Testing

@testable import AOSControl

@Suite("Every option of aosctl")
struct AOSControlOptionTests {
  /// By the long name; commands share options.
  static let rows: [String: OptionRow] = [
    "accept": .flag, "dry-run": .flag, "force": .flag, "json": .flag, "plaintext-token": .flag,
    "reserve": .flag, "stdio": .flag, "tls": .flag, "until-restart": .flag, "wait": .flag,
    "rejoin": OptionRow(good: ["true"], bad: ["perhaps"], with: ["--forward=0"]),
    "forward": OptionRow(
      good: ["5432", "0", "127.0.0.1:5432", "localhost:0", "[::1]:0", "unix:/a/app.sock"],
      bad: ["", "x", ":1", "-1", "65536", "h:65536", "unix:"]),
    "balancer": OptionRow(good: ["unix:///a.sock"]),
    "token-file": .file, "ca-file": .file, "config": .file, "key": .file, "output": .file,
    "out": .file,
    // One of a later release is for the balancer to refuse.
    "acknowledge": OptionRow(good: ["overCapacity", "ofALaterRelease"], bad: ["a b", "1"]),
    "close-idle-after": OptionRow(good: ["2m", "90s"], bad: ["5", "-1", "0m", "25h"]),
    "deadline": OptionRow(good: ["30m", "1h30m"], bad: ["5", "-1", "0m", "m"]),
    "reason": OptionRow(good: ["for a reason"]), "message": OptionRow(good: ["words"]),
    "kind": OptionRow(good: ["batch"], bad: ["nobody"]),
    "limit": .number("5", bad: "0"), "role": OptionRow(good: ["viewer"], bad: ["king"]),
    "name": OptionRow(good: ["some name"], bad: ["\u{7}"]),
    "user": OptionRow(good: ["eve"], bad: ["\u{7}"]),
    "computer": OptionRow(good: ["pc7"], bad: ["\u{7}", ""]), "events": .flag,
    "minutes": .number("30", bad: "0", "61"), "pause-over": .number("80", bad: "0", "101"),
    "since": OptionRow(good: ["2026-03-01T22:00:00Z"], bad: ["soon", "22:00"]),
    "hold": OptionRow(good: ["5", "2m"], bad: ["-1", "x", "5 m"]),
    "servers": OptionRow(good: ["LB1@host:2712"]),
    "configuration": OptionRow(good: ["Main"], with: ["--config=f.axc"]),
    "holder": OptionRow(good: ["Somebody"]), "cluster": OptionRow(good: ["PROD"]),
    "seats": .number("8"), "expires": OptionRow(good: ["2099-12-31"], bad: ["soon"]),
    "days": .number("8"),
    "instances": OptionRow(good: ["64"], bad: ["0", "-1", "many"], with: ["--role=instance"]),
    "replaces": OptionRow(good: ["0123456789"], with: ["--role=instance"]),
    "listen": OptionRow(good: ["0.0.0.0:8080", "[::]:80"], bad: ["x", "h:0"]),
    "http-check": OptionRow(good: ["/well?a=1"], bad: ["well", "/a b", "/$x"]),
    "owns": OptionRow(good: ["A"], bad: ["a b"], with: ["--role=instance"]),
  ]

  /// Operands and options that a command cannot do without.
  private static let needed: [String: [String]] = [
    "drain": ["A"], "roll": ["A"], "enable": ["A"], "add": ["A", "h:1"], "remove": ["A"],
    "limit": ["A", "5"],
    "sessions": ["A"], "end": ["A", "s"], "config check": ["f.axc"], "token revoke": ["t"],
    "license install": ["f"], "license seats": ["5"], "license key": ["f"],
    "token create": ["--role=operator"], "token assign": ["t", "A"], "backup": ["f"],
    "connect": ["--servers=LB1@host:1"],
    "license issue": ["--key=k", "--holder=h", "--cluster=C", "--seats=1", "--days=1"],
  ]

  struct Case: CustomTestStringConvertible, Sendable {
    var path: [String]
    var name: String
    var isFlag: Bool
    var testDescription: String { "\(path.joined(separator: " ")) --\(name)" }

    var base: [String] {
      let words = AOSControlOptionTests.needed[path.joined(separator: " ")] ?? []
      // What one excludes stands not beside it.
      let excluded = [
        "expires": "--days=", "config": "--servers=", "configuration": "--servers=",
      ]
      let others = words.filter {
        !$0.hasPrefix(excluded[name] ?? "--\(name)=") && !$0.hasPrefix("--\(name)=")
      }
      return path + others + (AOSControlOptionTests.rows[name]?.with ?? [])
    }
  }

  static let cases: [Case] = ((try? DeclaredCommand.aosctl().leaves()) ?? []).flatMap {
    path, command in
    command.options.map { option in
      Case(path: path, name: option.longNames.first ?? "", isFlag: option.isFlag)
    }
  }

  /// What the program makes of a line; nil: it refuses it.
  private static func parsed(_ line: [String]) -> String? {
    do {
      let words = try CommandLineWords(line, settings: Main.flags).words
      return contents(of: try Main.parseAsRoot(words))
    } catch {
      let words = (error as? SettingsFailure)?.description ?? Main.message(for: error)
      PlainWords.check(words)
      return nil
    }
  }

  @Test("has a row, and is known as a flag where it is one")
  func complete() {
    #expect(Self.cases.count > 80)
    for one in Self.cases {
      #expect(Self.rows[one.name] != nil, "\(one.testDescription)")
      #expect(Main.flags.contains { $0.name == one.name } == one.isFlag, "\(one.testDescription)")
    }
  }

  @Test("means the same in both forms, and is refused where its value is wrong", arguments: cases)
  func forms(one: Case) throws {
    let row = try #require(Self.rows[one.name])
    let option = "--\(one.name)"
    if one.isFlag {
      let (off, on) = (Self.parsed(one.base), Self.parsed(one.base + [option]))
      #expect(off != nil && on != nil && off != on)
      #expect(Self.parsed(one.base + ["\(option)=true"]) == on)
      #expect(Self.parsed(one.base + ["\(option)=false"]) == off)
    } else {
      for value in row.good {
        let joined = Self.parsed(one.base + ["\(option)=\(value)"])
        #expect(joined != nil, "\(value)")
        #expect(Self.parsed(one.base + [option, value]) == joined)
        let first = one.path + [option, value] + one.base.dropFirst(one.path.count)
        #expect(Self.parsed(first) == joined)
      }
    }
    for value in row.bad {
      #expect(Self.parsed(one.base + ["\(option)=\(value)"]) == nil, "\(value)")
    }
  }

  @Test("with an empty value does not take the next word for it", arguments: cases)
  func empty(one: Case) {
    guard !one.isFlag else { return }
    let rest = Array(one.base.dropFirst(one.path.count))
    let joined = Self.parsed(one.path + ["--\(one.name)="] + rest)
    #expect(joined == Self.parsed(one.path + rest + ["--\(one.name)", ""]))
  }

  @Test(
    "that is also in the environment is refused with the variable's name where it is wrong",
    arguments: [
      ("AOS_BALANCER", "nonsense"), ("AOS_TOKEN_FILE", "/no/such.token"),
      ("AOS_CA_FILE", "/no/such.crt"),
    ])
  func variables(name: String, value: String) async throws {
    var environment = ["AOS_BALANCER": "unix:///no/such.sock"]
    environment[name] = value
    let run = try await AOSControlProcess(["status"], environment: environment).finish()
    #expect(run.status == 1)
    #expect(run.errors.contains(name), "\(run.errors)")
    PlainWords.check(run.errors)
  }
}
