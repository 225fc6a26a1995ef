/// One character as a terminal can show it: one base, the marks on it, and a known width.
///
/// Terminals disagree about joined emoji, flags and variation selectors, and a screen that counts
/// differently from its terminal falls apart. So only what all of them count alike gets through:
/// of a joined group the first one, without what follows.
package struct Glyph: Hashable, Sendable {
  /// What stands there: a base that is not a control character, and the marks on it.
  package let scalars: GlyphScalars
  /// Columns it takes: 1 or 2.
  package let width: Int

  package var text: String { scalars.text }

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
    scalars = GlyphScalars(
      base, marks: character.unicodeScalars.dropFirst().filter(\.isMark).prefix(4))
    self.width = width
  }

  private init(plain scalar: Unicode.Scalar) {
    scalars = GlyphScalars(scalar)
    width = 1
  }

  static let space = Glyph(plain: " ")

  /// Stands for what must not reach a terminal.
  package static let replacement = Glyph(plain: "?")

  private static func ascii(_ byte: UInt8) -> Glyph {
    (0x20...0x7E).contains(byte) ? Glyph(plain: Unicode.Scalar(byte)) : replacement
  }

  /// The glyphs of a text, those without width left out.
  package static func glyphs(of text: some StringProtocol) -> [Glyph] {
    var glyphs: [Glyph] = []
    forEach(in: text) { glyph in
      glyphs.append(glyph)
      return true
    }
    return glyphs
  }

  /// The glyphs of a text, one after the other, while `body` wants more.
  static func forEach(in text: some StringProtocol, _ body: (Glyph) -> Bool) {
    // Most texts are plain as a whole, and need no search for what belongs together.
    if text.isPlain {
      for scalar in text.unicodeScalars {
        guard body(Glyph(plain: scalar)) else { return }
      }
    } else {
      for character in text {
        guard let glyph = Glyph(character) else { continue }
        guard body(glyph) else { return }
      }
    }
  }
}

/// One base and at most four marks, which is what curses keeps of a cell. A value without
/// references, since a picture has thousands of them.
package struct GlyphScalars: Hashable, Sendable {
  /// 0: nothing at all, the right half of a wide character.
  private var base: UInt32
  /// 0: none.
  private var first: UInt32 = 0
  private var second: UInt32 = 0
  private var third: UInt32 = 0
  private var fourth: UInt32 = 0

  static let none = GlyphScalars()

  private init() { base = 0 }

  init(_ base: Unicode.Scalar) { self.base = base.value }

  fileprivate init(_ base: Unicode.Scalar, marks: some Sequence<Unicode.Scalar>) {
    self.init(base)
    var rest = marks.makeIterator()
    first = rest.next()?.value ?? 0
    second = rest.next()?.value ?? 0
    third = rest.next()?.value ?? 0
    fourth = rest.next()?.value ?? 0
  }

  package var isEmpty: Bool { base == 0 }
  var isASCII: Bool { base < 0x80 && first == 0 }
  /// The character where it is plain ASCII and stands alone.
  package var plainASCII: UInt32? { (0x20..<0x7F).contains(base) && first == 0 ? base : nil }
  /// The base where it stands alone.
  var alone: UInt32? { first == 0 ? base : nil }

  /// The base, then its marks.
  package func forEach(_ body: (UInt32) -> Void) {
    if base != 0 { body(base) }
    if first == 0 { return }
    body(first)
    if second != 0 { body(second) }
    if third != 0 { body(third) }
    if fourth != 0 { body(fourth) }
  }

  package var text: String {
    var scalars = String.UnicodeScalarView()
    forEach { value in
      if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
    }
    return String(scalars)
  }
}

extension StringProtocol {
  private var isASCIIPlain: Bool {
    let isPlain = { (byte: UInt8) in byte &- 0x20 <= 0x7E - 0x20 }
    return utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isPlain) }
      ?? utf8.allSatisfy(isPlain)
  }

  /// Made of characters that stand alone and are one column wide.
  var isPlain: Bool { isASCIIPlain || unicodeScalars.allSatisfy(\.isPlain) }

  /// Columns the text takes on a screen.
  package var columns: Int {
    if isASCIIPlain { return utf8.count }
    if unicodeScalars.allSatisfy(\.isPlain) { return unicodeScalars.count }
    return reduce(0) { $0 + (Glyph($1)?.width ?? 0) }
  }

  /// The text cut to this many columns, the cut marked by `mark`. Never splits a wide character, so
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
  /// What nearly all text of a dashboard is made of, bars, charts, frames and arrows included:
  /// characters that stand alone, are one column wide, and join with nothing. Known without the
  /// tables of Unicode, which cost most of a frame.
  fileprivate var isPlain: Bool {
    switch value {
    case 0x20...0x7E, 0xA1...0xA8, 0xAA...0xAC, 0xAF...0x2FF: true
    case 0x2010...0x2027, 0x2190...0x21FF, 0x2500...0x25FC, 0x2800...0x28FF: true
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
