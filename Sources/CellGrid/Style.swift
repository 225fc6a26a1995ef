/// One of the eight colours of every terminal. Nil in a style: the terminal's own colour.
package enum Color: UInt8, Hashable, Sendable, CaseIterable {
  case black, red, green, yellow, blue, magenta, cyan, white
}

/// How the text of a cell looks.
package struct Style: Hashable, Sendable {
  /// All of it in one number: a picture has thousands of styles, each of which is compared with
  /// that of the picture before. Four bits for each colour, 0 for none; then a bit for each
  /// attribute.
  private var bits: UInt16 = 0

  package var foreground: Color? {
    get { color(at: 0) }
    set { setColor(newValue, at: 0) }
  }
  package var background: Color? {
    get { color(at: 4) }
    set { setColor(newValue, at: 4) }
  }
  package var isBold: Bool {
    get { has(8) }
    set { set(8, newValue) }
  }
  package var isReverse: Bool {
    get { has(9) }
    set { set(9, newValue) }
  }
  package var isUnderlined: Bool {
    get { has(10) }
    set { set(10, newValue) }
  }
  /// Fainter than the rest: for what is out of date. Never the only sign of it, since not every
  /// terminal shows it.
  package var isDim: Bool {
    get { has(11) }
    set { set(11, newValue) }
  }

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

  private func color(at place: Int) -> Color? {
    let number = UInt8(truncatingIfNeeded: bits >> UInt16(place)) & 0xF
    return number == 0 ? nil : Color(rawValue: number - 1)
  }

  private mutating func setColor(_ color: Color?, at place: Int) {
    let number = color.map { UInt16($0.rawValue) + 1 } ?? 0
    bits = bits & ~(0xF << UInt16(place)) | number << UInt16(place)
  }

  private func has(_ place: Int) -> Bool { bits & 1 << UInt16(place) != 0 }

  private mutating func set(_ place: Int, _ isOn: Bool) {
    bits = isOn ? bits | 1 << UInt16(place) : bits & ~(1 << UInt16(place))
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
