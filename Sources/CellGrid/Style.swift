/// One of the eight colours of every terminal. Nil in a style: the terminal's own colour.
package enum Color: UInt8, Hashable, Sendable, CaseIterable {
  case black, red, green, yellow, blue, magenta, cyan, white
}

/// How the text of a cell looks.
package struct Style: Hashable, Sendable {
  package var foreground: Color?
  package var background: Color?
  package var isBold: Bool
  package var isReverse: Bool
  package var isUnderlined: Bool
  /// Fainter than the rest: for outdated values. There must be another sign as well, since not
  /// every terminal shows it.
  package var isDim: Bool

  package init(
    foreground: Color? = nil, background: Color? = nil, isBold: Bool = false,
    isReverse: Bool = false, isUnderlined: Bool = false, isDim: Bool = false
  ) {
    self.foreground = foreground
    self.background = background
    self.isBold = isBold
    self.isReverse = isReverse
    self.isUnderlined = isUnderlined
    self.isDim = isDim
  }

  package static let plain = Style()
  package static let bold = Style(isBold: true)
  package static let reverse = Style(isReverse: true)

  /// For text that needs attention. Black on yellow is readable on light and dark terminals; yellow
  /// text is invisible on white. It is never bold, since many terminals show bold black as grey.
  package static let warning = Style(foreground: .black, background: .yellow)

  /// The same in the row of the cursor: only attributes, since colours in reverse would be blocks.
  package var underCursor: Style {
    var style = withoutColor
    style.isReverse = true
    return style
  }

  package static func colored(_ color: Color, isBold: Bool = false) -> Style {
    Style(foreground: color, isBold: isBold)
  }

  /// This style laid over another one: what is set here wins, and attributes add up.
  package func over(_ base: Style) -> Style {
    Style(
      foreground: foreground ?? base.foreground, background: background ?? base.background,
      isBold: isBold || base.isBold, isReverse: isReverse || base.isReverse,
      isUnderlined: isUnderlined || base.isUnderlined, isDim: isDim || base.isDim)
  }

  /// Only the attributes. A style with a background becomes bold to stand out.
  package var withoutColor: Style {
    var style = self
    style.isBold = isBold || background != nil
    style.foreground = nil
    style.background = nil
    return style
  }
}

extension Style: CustomStringConvertible {
  /// Words in a fixed order, such as `bold red`; `plain` for no attribute.
  package var description: String {
    let attributes = [
      (isBold, "bold"), (isReverse, "reverse"), (isUnderlined, "underlined"), (isDim, "dim"),
    ]
    var words = attributes.filter(\.0).map(\.1)
    if let foreground { words.append("\(foreground)") }
    if let background { words.append("on \(background)") }
    return words.isEmpty ? "plain" : words.joined(separator: " ")
  }
}
