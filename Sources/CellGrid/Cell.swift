/// One place on the screen.
package struct Cell: Hashable, Sendable {
  /// One visible character, free of control characters. Empty: the right half of the wide
  /// character to the left.
  package let text: String
  package var style: Style

  /// The first character of `text`, made safe; a blank where there is none.
  package init(_ text: some StringProtocol, style: Style = .plain) {
    let glyph = text.lazy.compactMap { Glyph($0) }.first
    self.init(text: glyph?.text ?? " ", style: style)
  }

  init(text: String, style: Style) {
    self.text = text
    self.style = style
  }

  package static let blank = Cell(text: " ", style: .plain)

  /// The right half of a wide character.
  package var isContinuation: Bool { text.isEmpty }

  static func continuation(_ style: Style) -> Cell { Cell(text: "", style: style) }
}
