/// The rule for free text from outside: names of users and computers, reasons, messages.
public enum PlainText {
  /// Longest name of a user, computer or cluster, in characters.
  public static let longestName = Limits.nameCharacters
  /// Longest reason or message, in characters.
  public static let longestSentence = Limits.sentenceCharacters

  /// The text itself if it may be shown on a terminal.
  ///
  /// Control characters move an operator's cursor, and direction marks reorder what he reads;
  /// both are refused rather than removed, so that no two different names look the same.
  ///
  /// - Parameter limit: Most characters allowed.
  /// - Throws: `InvalidValue` naming `field`.
  public static func checked(
    _ text: String, field: String, limit: Int = longestName
  ) throws(InvalidValue) -> String {
    // Scalars first: one character can hide any number of combining marks.
    guard text.unicodeScalars.count <= limit * 4, text.count <= limit else {
      throw InvalidValue(field: field, complaint: "is longer than \(limit) characters")
    }
    guard !text.unicodeScalars.contains(where: isForbidden) else {
      throw InvalidValue(
        field: field, complaint: "holds a control character or a direction mark")
    }
    return text
  }

  /// The text with everything forbidden replaced by `?`: for showing what other programs say.
  public static func cleaned(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isForbidden) else { return text }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { clean.append(isForbidden(scalar) ? "?" : scalar) }
    return String(clean)
  }

  /// The text cleaned, and cut where it is too long: for what other programs say.
  ///
  /// - Parameter limit: Most characters of the answer, the `…` of a cut included. It has no more
  ///   than `Limits.bytesPerCharacter` times as many bytes, and is cut between two characters.
  public static func cut(_ text: String, to limit: Int = longestName) -> String {
    let mostBytes = limit * Limits.bytesPerCharacter
    let clean = cleaned(text)
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
  public static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }
}
