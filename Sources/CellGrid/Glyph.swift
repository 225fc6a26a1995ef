/// One character as a terminal can show it: one base, the marks on it, and a known width.
///
/// Terminals disagree about joined emoji, flags and variation selectors, and a screen that counts
/// differently from its terminal falls apart. So only what all of them count alike gets through:
/// of a joined group the first one, without what follows.
package struct Glyph: Hashable, Sendable {
  /// Never empty, never a control character.
  package let text: String
  /// Columns it takes: 1 or 2.
  package let width: Int

  /// Nil for what has no width of its own, such as a mark without a base.
  package init?(_ character: Character) {
    if let byte = character.asciiValue {
      self = Glyph.ascii(byte)
      return
    }
    guard let base = character.unicodeScalars.first else { return nil }
    let width = base.columns
    guard width > 0 else { return nil }
    guard base.isShowable else {
      self = Glyph.replacement
      return
    }
    var scalars = String.UnicodeScalarView([base])
    // Curses keeps four marks with a base at most.
    scalars.append(contentsOf: character.unicodeScalars.dropFirst().filter(\.isMark).prefix(4))
    text = String(scalars)
    self.width = width
  }

  private init(text: String, width: Int) {
    self.text = text
    self.width = width
  }

  /// Stands for what must not reach a terminal.
  package static let replacement = Glyph(text: "?", width: 1)

  private static let asciiGlyphs: [Glyph] = (UInt8(0)..<128).map { byte in
    (0x20...0x7E).contains(byte)
      ? Glyph(text: String(UnicodeScalar(byte)), width: 1) : replacement
  }

  private static func ascii(_ byte: UInt8) -> Glyph { asciiGlyphs[Int(byte & 0x7F)] }

  private static func plain(_ scalar: Unicode.Scalar) -> Glyph {
    scalar.isASCII
      ? ascii(UInt8(truncatingIfNeeded: scalar.value)) : Glyph(text: String(scalar), width: 1)
  }

  /// The glyphs of a text, those without width left out.
  package static func glyphs(of text: some StringProtocol) -> [Glyph] {
    if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text.utf8.map(ascii) }
    if text.unicodeScalars.allSatisfy(\.isPlain) { return text.unicodeScalars.map(plain) }
    return text.compactMap { Glyph($0) }
  }
}

extension StringProtocol {
  /// Columns the text takes on a screen.
  package var columns: Int {
    if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return utf8.count }
    if unicodeScalars.allSatisfy(\.isPlain) { return unicodeScalars.count }
    return reduce(0) { $0 + (Glyph($1)?.width ?? 0) }
  }

  /// The text cut to so many columns, the cut marked by `mark`. Never splits a wide character, so
  /// that the result may be one column short.
  package func truncated(to columns: Int, mark: String = "…") -> String {
    guard self.columns > columns else { return String(self) }
    let room = columns - mark.columns
    guard room >= 0 else { return String(repeating: " ", count: Swift.max(0, columns)) }
    var taken = ""
    var width = 0
    for character in self {
      guard let glyph = Glyph(character) else { continue }
      guard width + glyph.width <= room else { break }
      taken += glyph.text
      width += glyph.width
    }
    return taken + mark
  }
}

extension Unicode.Scalar {
  /// What nearly all text of a dashboard is made of, bars, frames and arrows included: characters
  /// that stand alone, are one column wide, and join with nothing. Known without the tables of
  /// Unicode, which cost most of a frame.
  fileprivate var isPlain: Bool {
    switch value {
    case 0x20...0x7E, 0xA1...0xA8, 0xAA...0xAC, 0xAF...0x2FF: true
    case 0x2010...0x2027, 0x2190...0x21FF, 0x2500...0x25FC: true
    default: false
    }
  }

  /// 0, 1 or 2. Controls count 1: they are shown replaced.
  fileprivate var columns: Int {
    if value < 0x300 { return value == 0xAD ? 0 : 1 }
    if isMark || isHangulVowelOrFinal { return 0 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    case .format: return isDirectionMark ? 1 : 0
    default: break
    }
    if (0x1F1E6...0x1F1FF).contains(value) { return 1 }
    if properties.isEmojiPresentation { return 2 }
    return Unicode.Scalar.wide.contains { $0.contains(value) } ? 2 : 1
  }

  fileprivate var isMark: Bool {
    guard value >= 0x300 else { return false }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return !properties.isVariationSelector
    default: return false
    }
  }

  /// Fit to be sent to a terminal as it is.
  fileprivate var isShowable: Bool {
    if isDirectionMark || (0x1F1E6...0x1F1FF).contains(value) { return false }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator:
      return false
    default: return true
    }
  }

  private var isDirectionMark: Bool {
    switch value {
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// They join the consonant before them in one square.
  private var isHangulVowelOrFinal: Bool { (0x1160...0x11FF).contains(value) }

  /// East Asian wide and full-width blocks; wide emoji are known by their property.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
    0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265,
    0x20000...0x3FFFD,
  ]
}
