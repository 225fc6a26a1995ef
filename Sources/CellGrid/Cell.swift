/// One place on the screen.
package struct Cell: Hashable, Sendable {
  /// One visible character. It is empty in the right half of a wide character.
  package let scalars: GlyphScalars
  package var style: Style

  /// Shows the first character of `text`, made safe; a blank where there is none.
  package init(_ text: some StringProtocol, style: Style = .plain) {
    let glyph = text.lazy.compactMap { Glyph($0) }.first
    self.init(glyph?.scalars ?? Glyph.space.scalars, style: style)
  }

  init(_ scalars: GlyphScalars, style: Style) {
    self.scalars = scalars
    self.style = style
  }

  /// The character, without control characters; empty for the right half of a wide one.
  package var text: String { scalars.text }

  package static let blank = Cell(Glyph.space.scalars, style: .plain)

  /// Whether this is the right half of a wide character.
  package var isContinuation: Bool { scalars.isEmpty }

  static func continuation(_ style: Style) -> Cell { Cell(.none, style: style) }
}
