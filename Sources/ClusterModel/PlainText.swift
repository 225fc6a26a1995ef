/// The rule for free text from outside: names of users and computers, reasons, messages.
public enum PlainText {
  /// The longest name of a user, computer or cluster, in characters.
  public static let longestName = Limits.nameCharacters
  /// The longest reason or message, in characters.
  public static let longestSentence = Limits.sentenceCharacters

  /// Returns the name if a terminal may show it.
  ///
  /// Control characters move an operator's cursor, and direction marks change the order in which
  /// people read. Characters that cannot be seen make two names look the same: invisible ones,
  /// private-use and unassigned ones, blanks at an end, and blanks other than the space. All of
  /// these are refused and not removed, so that two different names never look the same.
  ///
  /// - Parameter limit: The most characters allowed.
  /// - Throws: `InvalidValue` naming `field`.
  public static func checked(
    _ text: String, field: String, limit: Int = longestName
  ) throws(InvalidValue) -> String {
    _ = try check(text, field: field, limit: limit) {
      isSteering($0) || isFormless($0) || isBlank($0) && $0 != " "
    }
    guard text.utf8.first != UInt8(ascii: " "), text.utf8.last != UInt8(ascii: " ") else {
      throw InvalidValue(field: field, complaint: "begins or ends with a blank")
    }
    return text
  }

  /// Checks a sentence, such as a reason. The rule is the same, with two exceptions: characters
  /// that join others are allowed where they do so, as in emoji and in several scripts, and so are
  /// blanks of every kind if there is something else to see.
  ///
  /// - Parameter limit: The most characters allowed.
  /// - Throws: `InvalidValue` naming `field`.
  public static func checkedSentence(
    _ text: String, field: String, limit: Int = longestSentence
  ) throws(InvalidValue) -> String {
    guard text.isEmpty || !text.unicodeScalars.allSatisfy(isBlank) else {
      throw InvalidValue(field: field, complaint: "has nothing in it that can be seen")
    }
    return try checkedPart(text, field: field, limit: limit)
  }

  /// Checks a sentence that is being typed, which may still consist of blanks alone.
  ///
  /// - Throws: As `checkedSentence`.
  package static func checkedPart(
    _ text: String, field: String, limit: Int = longestSentence
  ) throws(InvalidValue) -> String {
    try check(text, field: field, limit: limit, isUnfit)
  }

  /// Checks a text that an older release accepted, or that is in a signed document. Only characters
  /// that could steer a terminal are refused, so that every registry and document stays readable.
  ///
  /// - Parameter limit: The most characters allowed.
  /// - Throws: `InvalidValue` naming `field`.
  public static func checkedKept(
    _ text: String, field: String, limit: Int = longestName
  ) throws(InvalidValue) -> String {
    try checkLength(text, field: field, limit: limit)
    guard !text.unicodeScalars.contains(where: isSteering) else { throw steering(field) }
    return text
  }

  private static func check(
    _ text: String, field: String, limit: Int, _ isRefused: (Unicode.Scalar) -> Bool
  ) throws(InvalidValue) -> String {
    try checkLength(text, field: field, limit: limit)
    // Nearly all texts are plain ASCII.
    if isASCII(text) { return text }
    guard !text.unicodeScalars.contains(where: isSteering) else { throw steering(field) }
    guard let place = firstFault(in: text, isRefused) else { return text }
    throw InvalidValue(field: field, complaint: complaint(about: text.unicodeScalars[place]))
  }

  private static func complaint(about scalar: Unicode.Scalar) -> String {
    let code = String(scalar.value, radix: 16, uppercase: true)
    let name = "(U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code + ")"
    if isBlank(scalar) { return "holds a blank other than the space \(name)" }
    if isMark(scalar), !isFormless(scalar) {
      return "begins with a mark that belongs on a letter \(name)"
    }
    let properties = scalar.properties
    let isNobodys = [.privateUse, .unassigned].contains(properties.generalCategory)
    return isNobodys && !properties.isDefaultIgnorableCodePoint
      ? "holds a character to which Unicode gives no meaning \(name)"
      : "holds an invisible character \(name)"
  }

  private static func checkLength(
    _ text: String, field: String, limit: Int
  ) throws(InvalidValue) {
    // Count the scalars first: one character can have any number of combining marks.
    guard text.unicodeScalars.count <= limit * 4, text.count <= limit else {
      throw InvalidValue(field: field, complaint: "is longer than \(limit) characters")
    }
  }

  private static func steering(_ field: String) -> InvalidValue {
    InvalidValue(field: field, complaint: "holds a control character or a direction mark")
  }

  /// The text with `?` in place of every unfit character: for showing what other programs say.
  public static func cleaned(_ text: String) -> String {
    guard !isASCII(text), firstFault(in: text, isUnfit) != nil else { return text }
    var clean = String.UnicodeScalarView()
    var before: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      clean.append(isFault(scalar, after: before, isUnfit) ? "?" : scalar)
      before = scalar
    }
    return String(clean)
  }
}

// MARK: - Which characters

extension PlainText {
  /// Whether all characters are spaces or visible ASCII characters.
  private static func isASCII(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
  }

  private static func firstFault(
    in text: String, _ isRefused: (Unicode.Scalar) -> Bool
  ) -> String.Index? {
    var before: Unicode.Scalar?
    let scalars = text.unicodeScalars
    return scalars.indices.first { place in
      defer { before = scalars[place] }
      return isFault(scalars[place], after: before, isRefused)
    }
  }

  /// - Parameter before: The scalar before it; nil for the first one.
  private static func isFault(
    _ scalar: Unicode.Scalar, after before: Unicode.Scalar?, _ isRefused: (Unicode.Scalar) -> Bool
  ) -> Bool {
    if isRefused(scalar) { return true }
    guard let before else { return isMark(scalar) || isJoiner(scalar) }
    // Two joiners in a row join nothing.
    return isJoiner(scalar) && !canBeJoined(before)
  }

  /// Whether no text may contain this scalar: it steers a terminal or cannot be seen. Whether a
  /// joiner is allowed depends on the scalar before it.
  public static func isUnfit(_ scalar: Unicode.Scalar) -> Bool {
    isSteering(scalar) || isFormless(scalar) && !isJoiner(scalar)
  }

  /// The text of another program, cleaned, and cut where it is too long. A text of blanks alone is
  /// shown as `?`, since it would look like no text.
  ///
  /// - Parameter limit: The most characters of the result, including the `…` of a cut. The result
  ///   has at most `Limits.bytesPerCharacter` times as many bytes, and is cut between two
  ///   characters.
  public static func cut(_ text: String, to limit: Int = longestName) -> String {
    let mostBytes = limit * Limits.bytesPerCharacter
    var clean = cleaned(text)
    if clean.unicodeScalars.allSatisfy(isBlank) {
      clean = String(repeating: "?", count: min(clean.count, limit + 1))
    }
    if clean.utf8.count <= mostBytes, clean.count <= limit { return clean }
    var (end, characters, bytes) = (clean.startIndex, 1, "…".utf8.count)
    while end < clean.endIndex, characters < limit {
      let next = clean.index(after: end)
      bytes += clean.utf8.distance(from: end, to: next)
      guard bytes <= mostBytes else { break }
      (end, characters) = (next, characters + 1)
    }
    return String(clean[..<end]) + "…"
  }

  /// Quotes what another program says, so that it does not look like the reader's own words: `AOS01
  /// says: "…"`.
  ///
  /// - Parameter text: It is cut to `Limits.quotedCharacters`. A quotation mark in it cannot end
  ///   the quotation.
  public static func quoted(_ text: String, by speaker: String) -> String {
    let words = String(cut(text, to: Limits.quotedCharacters).map { $0 == "\"" ? "'" : $0 })
    return "\(speaker) says: \"\(words)\""
  }

  /// Control characters (C0, DEL, C1), line and paragraph separators, and marks that change the
  /// direction of text.
  public static func isForbidden(_ scalar: Unicode.Scalar) -> Bool { isSteering(scalar) }

  private static func isSteering(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  /// Whether the scalar has no visible form of its own on every screen: format characters,
  /// everything that Unicode calls default-ignorable (zero-width spaces and joiners, variation
  /// selectors, tags, Hangul fillers), private-use and unassigned characters, and characters that
  /// are drawn as nothing (the empty Braille pattern, the object replacement character, an empty
  /// note head, and the blanks among the hieroglyphs).
  static func isFormless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // These are decided without the tables of Unicode, which would take most of the time of a
    // picture.
    case 0x20...0x7E, 0xA0...0xAC, 0xAE...0x034E, 0x2010...0x2027, 0x2190...0x2426: return false
    case 0x2460...0x27FF, 0x4E00...0x9FFF, 0xAC00...0xD7A3: return false
    case 0x2800, 0xFFFC, 0x1_3441...0x1_3442, 0x1_D159: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .format, .privateUse, .unassigned: return true
    default: return scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// Whether this is a space of any width.
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x20
      || scalar.value >= 0xA0 && scalar.properties.generalCategory == .spaceSeparator
  }

  /// Whether this is a zero-width joiner or non-joiner, or a choice between text and emoji.
  private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
    [0x200C, 0x200D, 0xFE0E, 0xFE0F].contains(scalar.value)
  }

  /// Whether a joiner after it changes what a person sees: after an emoji, a digit of a keycap, a
  /// letter of a script whose letters join, or a sign that joins two of them.
  private static func canBeJoined(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x23, 0x2A, 0x30...0x39, 0xFE0F: true
    case 0x0600...0x109F, 0x1780...0x18AF: !isJoiner(scalar)
    default: scalar.value > 0xA0 && scalar.properties.isEmoji
    }
  }

  /// Whether this is a mark on the letter before it.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x300 else { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: return true
    default: return false
    }
  }
}
