/// The rule for free text from outside: names of users and computers, reasons, messages.
public enum PlainText {
  /// Longest name of a user, computer or cluster, in characters.
  public static let longestName = 128
  /// Longest reason or message, in characters.
  public static let longestSentence = 500

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

  /// C0, DEL, C1, line and paragraph separators, and the marks that change the direction of text.
  public static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }
}
