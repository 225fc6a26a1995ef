import ArgumentParser
import Dashboard
import Foundation
import ProgramSupport
import Testing

@testable import AOSControl
@testable import AOSDaemon
@testable import AOSTop

/// Documentation/*.1 are made here. With AOSTOP_WRITE_MANUAL=1 in the environment they are written
/// again (`make manual`), without it they are compared with what they should be.
@Suite("Manual pages")
struct ManualTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Documentation")

  private static let isWritten = ProcessInfo.processInfo.environment["AOSTOP_WRITE_MANUAL"] != nil

  /// Every page by its name.
  private static func pages() throws -> [String: String] {
    var aostop = try ManualPage(of: TopOptions._dumpHelp())
    aostop.add(HelpSection.all, title: "THE SCREEN")
    aostop.addParagraphs(
      """
      AOS_BALANCER: the balancer to watch if you name none.

      NO_COLOR: use bold and reverse instead of colours.

      ESCDELAY: milliseconds to wait after Esc for the rest of an escape sequence (default: 25).
      """, title: "ENVIRONMENT")
    aostop.addParagraphs(
      """
      ~/.config/aostop/config.json, or the same below $XDG_CONFIG_HOME: settings. aostop \
      --print-config prints such a file.
      """, title: "FILES")
    var aosctl = try ManualPage(of: AOSControl.Main._dumpHelp())
    var aosd = try ManualPage(of: AOSDaemon.Main._dumpHelp())
    aostop.addParagraphs("aosctl(1), aosd(1)", title: "SEE ALSO")
    aosctl.addParagraphs("aostop(1), aosd(1)", title: "SEE ALSO")
    aosd.addParagraphs("aostop(1), aosctl(1)", title: "SEE ALSO")
    return ["aostop.1": aostop.text, "aosctl.1": aosctl.text, "aosd.1": aosd.text]
  }

  @Test("the manual pages are what the tables and the options say")
  func upToDate() throws {
    for (name, text) in try Self.pages() {
      let place = Self.folder.appending(path: name)
      if Self.isWritten { try Data(text.utf8).write(to: place) }
      let isCurrent = try String(contentsOf: place, encoding: .utf8) == text
      #expect(isCurrent, "\(name) is out of date: run make manual")
    }
  }

  @Test("every option, key, column and field is in the page of aostop")
  func whole() throws {
    let page = try #require(try Self.pages()["aostop.1"])
    let plain = page.replacingOccurrences(of: "\\-", with: "-")
    for setting in TopSettings.all where setting != TopSettings.endpoints {
      #expect(plain.contains("\\fB--\(setting.name)\\fR"))
    }
    for section in HelpSection.all {
      #expect(plain.contains(".SS \(section.title)"))
      let lines = section.lines.filter { line in line.text.utf8.allSatisfy { $0 < 0x80 } }
      for line in lines { #expect(plain.contains(line.text)) }
    }
  }

  @Test("every variable of aostop's environment is in its help and in its page, once each")
  func variables() throws {
    let page = try #require(try Self.pages()["aostop.1"])
    let texts = [TopOptions.helpMessage(columns: 10_000), page]
    let wanted = TopSettings.all.map { setting in
      "AOSTOP_" + setting.name.uppercased().replacingOccurrences(of: "-", with: "_")
    }
    for text in texts {
      let named = try text.matches(of: Regex("AOSTOP_[A-Z_]+")).map { String(text[$0.range]) }
      #expect(named.sorted() == (wanted + ["AOSTOP_CONFIG"]).sorted())
    }
  }

  @Test("the formatter of manual pages has nothing to complain of")
  func formatted() async throws {
    for (name, _) in try Self.pages() {
      let path = Self.folder.appending(path: name).path
      let words = ["groff", "-man", "-Tutf8", "-ww", "-z", path]
      let result = try await Program.run("/usr/bin/env", words)
      #expect(result.status == 0)
      #expect(result.error == "")
    }
  }
}
