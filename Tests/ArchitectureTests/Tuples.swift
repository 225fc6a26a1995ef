/// Finds tuples that are made while a part of them is awaited, over several lines too.
///
/// With `-O`, Swift 6.3.1 loses the parts before the awaited one when a closure returns such a
/// tuple from a `do` statement: DECISIONS.md has the smallest program that shows it.
struct AwaitingTuples {
  /// A bracket that is open.
  private struct Bracket {
    var line: Int
    /// An opening parenthesis that is not the list of a call or a declaration.
    var isTuple: Bool
    /// A closure or a body: what it awaits is not awaited by the brackets around it.
    var isBody: Bool
    var awaits: Bool
    var hasComma = false
  }

  /// The lines, counted from 1, where the tuples begin.
  private(set) var lines: [Int] = []
  private var open: [Bracket] = []
  private var line = 1
  private var word = ""
  /// The last words before this place, the latest first, and nothing but blanks since then.
  private var before: [String] = []
  private var last: Character = "\n"

  init(in code: String) {
    let characters = Array(code)
    var place = 0
    while place < characters.count {
      let literal = Self.endOfTextOrComment(characters, from: place)
      if let literal {
        endWord()
        before = []
        last = "\""
        line += characters[place..<literal].count { $0 == "\n" }
        place = literal
      } else {
        read(characters[place])
        place += 1
      }
    }
    lines.sort()
  }

  private mutating func read(_ character: Character) {
    if character.isLetter || character.isNumber || character == "_" {
      word.append(character)
    } else {
      endWord()
      switch character {
      case "(": opens(isTuple: !Self.endsAnOperand(last), isBody: false)
      case "[": opens(isTuple: false, isBody: false)
      case "{": opens(isTuple: false, isBody: true)
      case ")", "]", "}": closes()
      case ",": if !open.isEmpty { open[open.count - 1].hasComma = true }
      default: break
      }
      if character.isNewline { line += 1 }
      if !character.isWhitespace { before = [] }
    }
    last = character
  }

  private mutating func endWord() {
    guard !word.isEmpty else { return }
    if word == "await" {
      for place in open.indices.reversed() {
        open[place].awaits = true
        if open[place].isBody { break }
      }
    }
    before = [word] + before.prefix(2)
    word = ""
  }

  private mutating func opens(isTuple: Bool, isBody: Bool) {
    // `await (a, b)` awaits both; `for await (a, b) in` is a pattern.
    let awaits = isTuple && before.first == "await" && !before.contains("for")
    open.append(Bracket(line: line, isTuple: isTuple, isBody: isBody, awaits: awaits))
  }

  private mutating func closes() {
    guard let bracket = open.popLast() else { return }
    if bracket.isTuple, bracket.hasComma, bracket.awaits { lines.append(bracket.line) }
  }

  /// What a call or a list of parameters may follow without a blank.
  private static func endsAnOperand(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_)]}>?!`".contains(character)
  }

  /// Behind the comment or the text that begins here, if one does. A quote inside an
  /// interpolation ends the text here and begins another, which keeps brackets in pairs.
  private static func endOfTextOrComment(_ characters: [Character], from start: Int) -> Int? {
    func at(_ place: Int, _ mark: String) -> Bool {
      characters[place...].starts(with: Array(mark))
    }
    func end(of mark: String, from first: Int, escape: Bool) -> Int {
      var place = first
      while place < characters.count, !at(place, mark) {
        place += escape && characters[place] == "\\" ? 2 : 1
      }
      return min(place + mark.count, characters.count)
    }
    guard "/\"#".contains(characters[start]) else { return nil }
    if at(start, "//") {
      return characters[start...].firstIndex(where: \.isNewline) ?? characters.count
    }
    if at(start, "/*") { return end(of: "*/", from: start + 2, escape: false) }
    for (mark, isRaw) in [("#\"\"\"", true), ("#\"", true), ("\"\"\"", false), ("\"", false)]
    where at(start, mark) {
      let closing = String(mark.reversed())
      return end(of: closing, from: start + mark.count, escape: !isRaw)
    }
    return nil
  }
}
