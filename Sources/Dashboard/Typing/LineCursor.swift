internal import CellGrid

/// The position of the cursor in a line, counted from its end: if something else fills the line,
/// the cursor is after the last character.
struct LineCursor: Equatable, Sendable {
  /// The number of characters after it.
  private(set) var behind = 0

  /// The line before and after the cursor.
  func split(_ text: String) -> (before: String, after: String) {
    let after = min(behind, text.count)
    return (String(text.dropLast(after)), String(text.suffix(after)))
  }

  /// The line with one more character, for the caller to check.
  func inserting(_ character: Character, into text: String) -> String {
    let (before, after) = split(text)
    return before + String(character) + after
  }

  /// Moves the cursor, or deletes something.
  ///
  /// - Returns: The resulting line; nil for a key that does neither.
  mutating func edit(_ text: String, by key: Key) -> String? {
    let (before, after) = split(text)
    switch key {
    case .left: behind = min(text.count, after.count + 1)
    case .right: behind = max(0, after.count - 1)
    case .home, .control("a"): behind = text.count
    case .end, .control("e"): behind = 0
    case .backspace: return String(before.dropLast()) + after
    case .delete:
      behind = max(0, after.count - 1)
      return before + after.dropFirst()
    case .control("k"):
      behind = 0
      return before
    case .control("w"): return Self.withoutLastWord(before) + after
    case .control("u"):
      behind = 0
      return ""
    default: return nil
    }
    return text
  }

  private static func withoutLastWord(_ text: String) -> String {
    var rest = text[...]
    while rest.last == " " { rest = rest.dropLast() }
    while let last = rest.last, last != " " { rest = rest.dropLast() }
    return String(rest)
  }

  /// The part of the line that fits into this many columns, with the cursor as a stroke.
  func shown(_ text: String, columns: Int) -> String {
    let (before, after) = split(text)
    let head = before.suffixFitting(columns - 1)
    let room = columns - 1 - head.columns
    return head + "▏" + (after.columns > room ? after.truncated(to: max(0, room), mark: "") : after)
  }
}

extension String {
  /// The end of the text that fits into this many columns.
  func suffixFitting(_ columns: Int) -> String {
    var rest = self[...]
    while rest.columns > columns { rest = rest.dropFirst() }
    return String(rest)
  }
}
