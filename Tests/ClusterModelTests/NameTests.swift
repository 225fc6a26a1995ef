import Testing

@testable import ClusterModel

@Suite struct NameTests {
  @Test(
    "an id is letters, digits and four signs, and starts with a letter or digit",
    arguments: [
      "A", "1", "AOS01", "01@HOST", "aos-01.site_b", String(repeating: "x", count: 64),
    ])
  func goodID(text: String) throws {
    #expect(try InstanceID(text).text == text)
  }

  @Test(
    "no other id can be made, and the fault does not repeat it",
    arguments: [
      "", "-a", ".a", "_a", "@a", "a b", "a/b", "a\nb", "a\0", "ä", "ＡOS", "a,b", "a;b", "a\u{1B}",
      String(repeating: "x", count: 65),
    ])
  func badID(text: String) {
    let fault = #expect(throws: InvalidValue.self) { try InstanceID(text) }
    #expect(fault?.field == "id")
    #expect(fault?.description.contains("\u{1B}") == false)
  }

  @Test(
    "an address is read and written the same",
    arguments: [
      "10.0.0.4:2712", "host:1", "host.example:65535", "[::1]:2712", "[fe80::1%eth0]:2712",
    ])
  func address(text: String) throws {
    #expect(try Address(text).description == text)
  }

  @Test("an address takes the default port only where there is one")
  func defaultPort() throws {
    #expect(try Address("host", defaultPort: 2712).port == 2712)
    #expect(try Address("[::1]", defaultPort: 2712) == Address(host: "::1", port: 2712))
    #expect(throws: InvalidValue.self) { try Address("host") }
  }

  @Test(
    "no other address can be made, and the field is named",
    arguments: [
      "", ":", ":1", "host:", "host:0", "host:65536", "host:99999999999999999999", "host:-1",
      "host:+1", "host: 1", "host:1 ", "host:１", "::1:2712", "[::1:2712", "[]:1", "[::1]2712",
      "[::1]x:1", "ho st:1", "ho/st:1", "user@host:1", "host:1:2", "h\u{1B}[2J:1", "ho\nst:1",
      String(repeating: "x", count: 254) + ":1",
    ])
  func badAddress(text: String) {
    let fault = #expect(throws: InvalidValue.self) { try Address(text, field: "--listen") }
    #expect(fault?.field == "--listen")
  }

  @Test("text for people may hold any script", arguments: ["", "Jürgen", "佐藤", "🚧 👩‍👩‍👧", "a'; --"])
  func text(text: String) throws {
    #expect(try PlainText.checkedSentence(text, field: "reason") == text)
    #expect(PlainText.cleaned(text) == text)
  }

  /// Format characters, zero-width characters, variation selectors, tags, fillers, annotations.
  static let unseen: [Unicode.Scalar] = [
    "\u{AD}", "\u{34F}", "\u{115F}", "\u{1160}", "\u{17B4}", "\u{180B}", "\u{180E}", "\u{200B}",
    "\u{200C}", "\u{200D}", "\u{2060}", "\u{2061}", "\u{2063}", "\u{2065}", "\u{206A}", "\u{2800}",
    "\u{3164}", "\u{FE00}", "\u{FE0F}", "\u{FFA0}", "\u{FFF9}", "\u{FFFB}", "\u{1BCA0}",
    "\u{1D173}", "\u{E0001}", "\u{E0041}", "\u{E007F}", "\u{E0100}", "\u{E01EF}", "\u{E0FFF}",
    "\u{70F}", "\u{600}", "\u{FFFC}", "\u{1D159}", "\u{13441}", "\u{13442}",
  ]

  @Test(
    "a name that holds a character that nobody can see is refused, and shown with it marked",
    arguments: unseen)
  func invisible(scalar: Unicode.Scalar) throws {
    for name in ["ali\(scalar)ce", "\(scalar)alice", "alice\(scalar)"] {
      let fault = #expect(throws: InvalidValue.self) {
        try PlainText.checked(name, field: "user")
      }
      let code = String(scalar.value, radix: 16, uppercase: true)
      let zeros = String(repeating: "0", count: max(0, 4 - code.count))
      #expect(fault?.complaint == "holds an invisible character (U+\(zeros)\(code))")
      // An older release has let it in: it can still be read, and is seen.
      #expect(try PlainText.checkedKept(name, field: "user") == name)
      #expect(PlainText.cleaned(name).contains("?"))
      #expect(throws: InvalidValue.self) { try InstanceID(name) }
    }
  }

  @Test(
    "a name holds no character that is everybody's or nobody's, and it is shown marked",
    arguments: [
      "\u{E000}", "\u{F8FF}", "\u{F0000}", "\u{10FFFD}", "\u{378}", "\u{243F}", "\u{2FE0}",
    ] as [Unicode.Scalar])
  func meaningless(scalar: Unicode.Scalar) throws {
    let name = "a\(scalar)b"
    let faults = [
      #expect(throws: InvalidValue.self) { try PlainText.checked(name, field: "user") },
      #expect(throws: InvalidValue.self) { try PlainText.checkedSentence(name, field: "user") },
    ]
    for fault in faults {
      #expect(fault?.complaint.hasPrefix("holds a character to which Unicode gives no") == true)
    }
    #expect(PlainText.cleaned("a\(scalar)b") == "a?b")
    #expect(try PlainText.checkedKept("a\(scalar)b", field: "user") == "a\(scalar)b")
  }

  /// Every space of Unicode but the usual one.
  static let blanks: [Unicode.Scalar] = [
    "\u{A0}", "\u{1680}", "\u{2000}", "\u{2007}", "\u{200A}", "\u{202F}", "\u{205F}", "\u{3000}",
  ]

  @Test(
    "a name holds no blank but the space, and a sentence holds them beside what is seen",
    arguments: blanks)
  func blank(scalar: Unicode.Scalar) throws {
    for name in ["a\(scalar)b", "\(scalar)a", "a\(scalar)", "\(scalar)"] {
      let fault = #expect(throws: InvalidValue.self) { try PlainText.checked(name, field: "user") }
      #expect(fault?.complaint.hasPrefix("holds a blank other than the space (U+") == true)
    }
    let sentence = "a\(scalar)b"
    #expect(try PlainText.checkedSentence(sentence, field: "reason") == sentence)
    #expect(PlainText.cleaned(sentence) == sentence)
  }

  @Test("a name begins and ends with something that is seen", arguments: [" ", " a", "a ", "   "])
  func blankEnds(name: String) {
    #expect(throws: InvalidValue(field: "user", complaint: "begins or ends with a blank")) {
      try PlainText.checked(name, field: "user")
    }
    #expect((try? PlainText.checked("a b  c", field: "user")) == "a b  c")
  }

  @Test(
    "a sentence of blanks alone is refused, and shown marked where another program says it",
    arguments: [" ", "\u{3000}", " \u{A0}\u{2003} "])
  func blankSentence(text: String) throws {
    let fault = #expect(throws: InvalidValue.self) {
      try PlainText.checkedSentence(text, field: "reason")
    }
    #expect(fault?.complaint == "has nothing in it that can be seen")
    #expect(PlainText.cut(text) == String(repeating: "?", count: text.count))
    #expect(PlainText.cut(String(repeating: text, count: 300), to: 200).count == 200)
    // While it is typed, what is seen may still come.
    #expect(try PlainText.checkedPart(text, field: "reason") == text)
  }

  @Test(
    "a name that begins with a mark for the letter before it is refused",
    arguments: ["\u{301}a", "\u{20DD}a", "\u{903}a"])
  func leadingMark(name: String) {
    let fault = #expect(throws: InvalidValue.self) { try PlainText.checked(name, field: "user") }
    #expect(fault?.complaint.hasPrefix("begins with a mark") == true)
    #expect(PlainText.cleaned(name).unicodeScalars.first == "?")
  }

  @Test(
    "a sentence may hold characters that join others where they do, and nowhere else",
    arguments: [
      ("👩‍👩‍👧", true), ("❤\u{FE0F} 1\u{FE0F}\u{20E3}", true), ("می\u{200C}خواهم", true),
      ("a\u{200D}b", false), ("\u{FE0F}", false), ("a\u{200C}b", false),
      ("👩\u{200D}\u{200D}", false),
      ("👩\u{200B}", false),
    ])
  func joiners(text: String, isGood: Bool) {
    #expect((try? PlainText.checkedSentence(text, field: "reason")) == (isGood ? text : nil))
    #expect((PlainText.cleaned(text) == text) == isGood)
  }

  @Test(
    "text that could steer a terminal is refused, or cleaned where it is only shown",
    arguments: [
      ("a\u{1B}[2J", "a?[2J"), ("a\nb", "a?b"), ("a\r\nb", "a??b"), ("\0", "?"), ("\u{7F}", "?"),
      ("\u{9B}2J", "?2J"), ("\u{202E}gnp", "?gnp"), ("\u{2066}x\u{2069}", "?x?"),
      ("\u{200F}", "?"), ("\u{FEFF}x", "?x"), ("\u{2028}", "?"), ("\u{061C}", "?"), ("\t", "?"),
    ])
  func steering(text: String, clean: String) {
    let fault = #expect(throws: InvalidValue.self) {
      try PlainText.checked(text, field: "reason")
    }
    #expect(fault?.description == "reason holds a control character or a direction mark")
    #expect(PlainText.cleaned(text) == clean)
  }

  @Test("text has a length, even when it is one character with many marks")
  func length() throws {
    let just = String(repeating: "ä", count: 128)
    #expect(try PlainText.checked(just, field: "user") == just)
    for long in [just + "x", "a" + String(repeating: "\u{301}", count: 600)] {
      #expect(throws: InvalidValue(field: "user", complaint: "is longer than 128 characters")) {
        try PlainText.checked(long, field: "user")
      }
    }
  }

  @Test(
    "a text of another program is cut between characters, by their number and by their bytes",
    arguments: [
      (String(repeating: "界", count: 21_000), 200), (String(repeating: "a", count: 201), 200),
      ("e" + String(repeating: "\u{301}", count: 9_000), 64),
      (String(repeating: "👨‍👩‍👧‍👦", count: 300), 200), (String(repeating: "\r\n", count: 300), 200),
    ])
  func cut(text: String, limit: Int) {
    let cut = PlainText.cut(text, to: limit)
    #expect(cut.count <= limit)
    #expect(cut.utf8.count <= limit * Limits.bytesPerCharacter)
    #expect(cut.last == "…")
    #expect(PlainText.cleaned(text).hasPrefix(cut.dropLast()))
    #expect(PlainText.cleaned(cut) == cut)
  }

  @Test("a text of another program that is short enough stays as it is")
  func notCut() {
    for text in ["", "AOS01", String(repeating: "界", count: 200)] {
      #expect(PlainText.cut(text, to: 200) == text)
    }
  }

  @Test("what another program says is quoted, and cannot end its own quotation")
  func quoted() {
    let words = "no\". The registry is lost\u{1b}[2J"
    #expect(
      PlainText.quoted(words, by: "AOS01")
        == "AOS01 says: \"no'. The registry is lost?[2J\"")
    #expect(PlainText.quoted(String(repeating: "界", count: 21_000), by: "AOS01").count < 220)
  }
}
