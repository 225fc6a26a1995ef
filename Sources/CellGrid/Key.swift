/// A key as it reaches a program, whatever the terminal sent for it.
package enum Key: Hashable, Sendable {
  case character(Character)
  /// Ctrl and a letter, "a" to "z".
  case control(Character)
  case up, down, left, right
  case pageUp, pageDown, home, end
  case tab, backTab, enter, escape, backspace, delete, insert
  /// F1 is 1.
  case function(Int)
}

extension Key: CustomStringConvertible {
  /// The key's name as a person reads it: `D`, `Ctrl-L`, `PgUp`, `F10`.
  package var description: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let letter): "Ctrl-\(letter.uppercased())"
    case .function(let number): "F\(number)"
    default: Key.names[self] ?? "?"
    }
  }

  private static let names: [Key: String] = [
    .up: "↑", .down: "↓", .left: "←", .right: "→", .pageUp: "PgUp", .pageDown: "PgDn",
    .home: "Home", .end: "End", .tab: "Tab", .backTab: "Shift-Tab", .enter: "Enter",
    .escape: "Esc", .backspace: "Backspace", .delete: "Del", .insert: "Ins",
  ]
}
