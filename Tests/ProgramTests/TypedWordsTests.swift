import Foundation
import Testing

@testable import ProgramSupport

/// The words of a command line as its bytes are.
@Suite("Words that are typed")
struct TypedWordsTests {
  @Test(
    "a word that is not UTF-8 is refused, and its option named",
    arguments: [
      (["drain", "A", "--reason", "\u{FF}"], "--reason"), (["--reason=\u{FF}"], "--reason"),
      (["drain", "\u{FF}"], "argument 2"), (["-F", "\u{FF}"], "-F"),
      (["--", "\u{FF}"], "argument 2"),
      (["--\u{FF}=x"], "argument 1"), (["--json", "--\u{FF}"], "--json"),
    ])
  func bytes(words: [String], place: String) {
    // One byte for each scalar, so that U+00FF stands for a byte that UTF-8 never has.
    let bytes = words.map { $0.unicodeScalars.map { UInt8($0.value) } }
    let failure = #expect(throws: ProgramFailure.self) { try TypedWords.checked(bytes) }
    #expect(failure == ProgramFailure(.wrongInput, "\(place) is not UTF-8"))
  }

  @Test("all other words arrive as they are")
  func plain() throws {
    let words = ["drain", "01@BOX", "--reason", "Grüße 🚧", "", "--", "-", "a=b"]
    #expect(try TypedWords.checked(words.map { Array($0.utf8) }) == words)
  }

  @Test("an option with an empty value does not take the next word for it")
  func empty() throws {
    let settings = [Setting("record"), Setting("drain-on-stop", .optionalValue)]
    let line = ["--record=", "a", "--record", "", "b", "--drain-on-stop=", "c", "--other=", "d"]
    let words = try CommandLineWords(line, settings: settings)
    #expect(
      words.words == [
        "--record", "", "a", "--record", "", "b", "--drain-on-stop", "", "c", "--other", "", "d",
      ])
    #expect(words.values == ["record": "", "drain-on-stop": ""])
  }

  @Test(
    "every program refuses them, and variables in its name, before it does anything",
    arguments: ["aosctl", "aosd", "aostop"])
  func programs(name: String) async throws {
    let program = Program.path(name)
    let byte = "$(printf '\\377')"
    for (script, words) in [
      ("exec \(program) status --reason \"\(byte)\"", "--reason is not UTF-8"),
      ("exec \(program) \"\(byte)\"", "argument 1 is not UTF-8"),
      ("AOS_BALANCER=\"\(byte)\" exec \(program) x", "the variable AOS_BALANCER is not UTF-8"),
      ("AOSD_ZONE=\"x\(byte)\" exec \(program) x", "the variable AOSD_ZONE is not UTF-8"),
    ] {
      let run = try await Program.run("/bin/sh", ["-c", script])
      #expect(run.status == 1)
      #expect(run.output == "")
      #expect(run.error == "\(name): \(words)\n")
    }
    for name in ["OTHER", "AOSD_ZONE"] {
      let help = "\(name)=\"\(byte)\" exec \(program) --help"
      #expect(try await Program.run("/bin/sh", ["-c", help]).status == 0)
    }
  }
}
