/// A key as a program sees it, whatever the terminal sent for it.
package enum Key: Hashable, Sendable {
  case character(Character)
  /// Ctrl with a letter, "a" to "z".
  case control(Character)
  case up, down, left, right
  case pageUp, pageDown, home, end
  case tab, backTab, enter, escape, backspace, delete, insert
  /// A function key; F1 is 1.
  case function(Int)
  /// A button or the wheel of a mouse.
  case mouse(Mouse)
  /// Pasted text, with its control characters and line breaks. A paste is never read as keys.
  case paste(String)
}

/// An action of the mouse, and its place on the screen.
package struct Mouse: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    case click, wheelUp, wheelDown
  }

  package var action: Action
  package var row: Int
  package var column: Int

  package init(_ action: Action, row: Int, column: Int) {
    self.action = action
    self.row = row
    self.column = column
  }
}

extension Key: ExpressibleByExtendedGraphemeClusterLiteral {
  package init(extendedGraphemeClusterLiteral character: Character) {
    self = .character(character)
  }
}

extension Key: CustomStringConvertible {
  /// The name of the key for a person: `D`, `Ctrl-L`, `PgUp`, `F10`.
  package var description: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let letter): "Ctrl-\(letter.uppercased())"
    case .function(let number): "F\(number)"
    case .mouse: "Mouse"
    case .paste: "Paste"
    default: Key.names[self] ?? "?"
    }
  }

  private static let names: [Key: String] = [
    .up: "↑", .down: "↓", .left: "←", .right: "→", .pageUp: "PgUp", .pageDown: "PgDn",
    .home: "Home", .end: "End", .tab: "Tab", .backTab: "Shift-Tab", .enter: "Enter",
    .escape: "Esc", .backspace: "Backspace", .delete: "Del", .insert: "Ins",
  ]
}
