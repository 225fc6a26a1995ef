import Foundation
import Testing

@testable import CellGrid

@Suite("Widths of characters")
struct WidthTests {
  @Test(
    "each character has the width that terminals give it",
    arguments: [
      ("a", 1), ("é", 1), ("e\u{301}", 1), ("─", 1), ("█", 1), ("▸", 1), ("…", 1), ("日", 2),
      ("한", 2), ("ｆ", 2), ("😀", 2), ("✓", 1), ("\u{200B}", 0), ("\u{301}", 0), ("\u{AD}", 0),
      ("\u{7}", 1), ("漢字", 4), ("", 0), ("e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}", 1),
    ])
  func width(text: String, columns: Int) {
    #expect(text.columns == columns)
  }

  @Test(
    "joined emoji, flags and variants are shown as what every terminal counts alike",
    arguments: [
      ("👨‍👩‍👧", "👨", 2), ("🇩🇪", "?", 1), ("❤\u{FE0F}", "❤", 1), ("👍🏽", "👍", 2),
    ])
  func joined(text: String, shown: String, columns: Int) {
    let glyphs = Glyph.glyphs(of: text)
    #expect(glyphs.map(\.text) == [shown])
    #expect(glyphs.map(\.width) == [columns])
  }

  @Test("the widths agree with those of the C library, which curses goes by")
  func library() throws {
    // Not in the module map of Glibc.
    let symbol = try #require(dlsym(nil, "wcwidth"))
    let wcwidth = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)
    let locale = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
    let before = uselocale(locale)
    defer {
      uselocale(before)
      freelocale(locale)
    }
    var different: [String] = []
    for value in UInt32(0x20)..<0x3_0000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let theirs = Int(wcwidth(Int32(value)))
      guard theirs > 0, let glyph = Glyph(Character(scalar)), glyph.text != "?" else { continue }
      if glyph.width != theirs { different.append(String(value, radix: 16)) }
    }
    #expect(different == [])
  }

  @Test("a text's characters are shown as each would be alone")
  func alone() {
    var different: [String] = []
    for value in UInt32(0x20)..<0x3000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "a\(Character(scalar))"
      let expected = text.compactMap { Glyph($0) }
      if Glyph.glyphs(of: text) != expected || text.columns != expected.map(\.width).reduce(0, +) {
        different.append(String(value, radix: 16))
      }
    }
    #expect(different == [])
  }

  @Test(
    "what is cut is marked, and never longer than the place for it",
    arguments: [
      ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""),
      ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("日本語", 6, "日本語"),
    ])
  func truncation(text: String, columns: Int, shown: String) {
    #expect(text.truncated(to: columns) == shown)
  }

  @Test("any text, cut to any width, fits", arguments: 0..<12)
  func fits(columns: Int) {
    for text in ["日本語テキスト", "e\u{301}e\u{301}e\u{301}", "\u{1B}[31m", "👨‍👩‍👧👨‍👩‍👧", "a日b本c"] {
      #expect(text.truncated(to: columns).columns <= columns)
      #expect(text.truncated(to: columns, mark: "~").columns <= columns)
    }
  }
}
