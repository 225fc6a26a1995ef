/// The rule for free text from outside: names of users and computers, reasons, messages.
public enum PlainText {
  /// Longest name of a user, computer or cluster, in characters.
  public static let longestName = Limits.nameCharacters
  /// Longest reason or message, in characters.
  public static let longestSentence = Limits.sentenceCharacters

  /// The name itself if it may be shown on a terminal.
  ///
  /// Control characters move an operator's cursor, direction marks reorder what is read, and
  /// characters without a form of their own make two names look the same: invisible ones, those
  /// that Unicode leaves to everybody or to nobody, and blanks at an end or other than the space.
  /// All are refused rather than removed, so that no two different names look the same.
  ///
  /// - Parameter limit: Most characters allowed.
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

  /// A sentence, such as a reason: the same, but characters that join others may stand where they
  /// do, as in emoji and in several scripts, and blanks of every kind beside what is seen.
  ///
  /// - Parameter limit: Most characters allowed.
  /// - Throws: `InvalidValue` naming `field`.
  public static func checkedSentence(
    _ text: String, field: String, limit: Int = longestSentence
  ) throws(InvalidValue) -> String {
    guard text.isEmpty || !text.unicodeScalars.allSatisfy(isBlank) else {
      throw InvalidValue(field: field, complaint: "has nothing in it that can be seen")
    }
    return try checkedPart(text, field: field, limit: limit)
  }

  /// A sentence that is being typed: so far it may hold blanks alone.
  ///
  /// - Throws: As `checkedSentence`.
  package static func checkedPart(
    _ text: String, field: String, limit: Int = longestSentence
  ) throws(InvalidValue) -> String {
    try check(text, field: field, limit: limit, isUnfit)
  }

  /// A text that was let in by an older release, or stands in a signed document: only what could
  /// steer a terminal is refused, so that no registry and no document becomes unreadable.
  ///
  /// - Parameter limit: Most characters allowed.
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
    // Nearly all texts are plain.
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
    // Scalars first: one character can hide any number of combining marks.
    guard text.unicodeScalars.count <= limit * 4, text.count <= limit else {
      throw InvalidValue(field: field, complaint: "is longer than \(limit) characters")
    }
  }

  private static func steering(_ field: String) -> InvalidValue {
    InvalidValue(field: field, complaint: "holds a control character or a direction mark")
  }

  /// The text with everything unfit replaced by `?`: for showing what other programs say.
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
  /// A space or a character of ASCII that is seen, each of them.
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

  /// - Parameter before: The scalar before it; nil: it is the first one.
  private static func isFault(
    _ scalar: Unicode.Scalar, after before: Unicode.Scalar?, _ isRefused: (Unicode.Scalar) -> Bool
  ) -> Bool {
    if isRefused(scalar) { return true }
    guard let before else { return isMark(scalar) || isJoiner(scalar) }
    // Two joiners in a row join nothing.
    return isJoiner(scalar) && !canBeJoined(before)
  }

  /// What no text may hold: it steers a terminal or has no form of its own. Joiners depend on what
  /// stands before them.
  public static func isUnfit(_ scalar: Unicode.Scalar) -> Bool {
    isSteering(scalar) || isFormless(scalar) && !isJoiner(scalar)
  }

  /// The text cleaned, and cut where it is too long: for what other programs say. Blanks alone are
  /// shown as `?`, since they would look like no text.
  ///
  /// - Parameter limit: Most characters of the answer, the `…` of a cut included. It has no more
  ///   than `Limits.bytesPerCharacter` times as many bytes, and is cut between two characters.
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

  /// What another program says, as its words and never as the reader's own: `AOS01 says: "…"`.
  ///
  /// - Parameter text: Cut to `Limits.quotedCharacters`; a quotation mark in it cannot end the
  ///   quotation.
  public static func quoted(_ text: String, by speaker: String) -> String {
    let words = String(cut(text, to: Limits.quotedCharacters).map { $0 == "\"" ? "'" : $0 })
    return "\(speaker) says: \"\(words)\""
  }

  /// C0, DEL, C1, line and paragraph separators, and the marks that change the direction of text.
  public static func isForbidden(_ scalar: Unicode.Scalar) -> Bool { isSteering(scalar) }

  private static func isSteering(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  /// It has no form of its own, the same on every screen: format characters, everything that
  /// Unicode calls default-ignorable (zero-width spaces and joiners, variation selectors, tags,
  /// Hangul fillers), what it leaves to private use or has not assigned, and the characters that
  /// are drawn as nothing: the empty Braille pattern, the place of an object, an empty note head,
  /// and the blanks among the hieroglyphs.
  static func isFormless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Known without the tables of Unicode, which cost most of a picture.
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

  /// A space of any width.
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x20
      || scalar.value >= 0xA0 && scalar.properties.generalCategory == .spaceSeparator
  }

  /// Zero-width joiner and non-joiner, and the choice between text and emoji.
  private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
    [0x200C, 0x200D, 0xFE0E, 0xFE0F].contains(scalar.value)
  }

  /// A joiner after it changes what is seen: an emoji, a digit of a keycap, a letter of a script
  /// whose letters join, or a sign that joins two of them.
  private static func canBeJoined(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x23, 0x2A, 0x30...0x39, 0xFE0F: true
    case 0x0600...0x109F, 0x1780...0x18AF: !isJoiner(scalar)
    default: scalar.value > 0xA0 && scalar.properties.isEmoji
    }
  }

  /// It stands on the letter before it.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x300 else { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: return true
    default: return false
    }
  }
}
