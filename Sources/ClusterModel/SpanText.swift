/// Lengths of time as people type them: `90s`, `30m`, `1h30m`, `2d`.
package enum SpanText {
  /// The longest span that is accepted: a year.
  package static let mostSeconds = 365 * 86_400

  private static let units: [(letter: Character, seconds: Int)] = [
    ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
  ]

  /// The number of seconds; nil for an empty text, any other text, and more than a year.
  package static func seconds(_ text: String) -> Int? {
    var (total, lastUnit) = (0, Int.max)
    var number: Int?
    for character in text {
      if character.isASCII, let digit = character.wholeNumberValue {
        let longer = (number ?? 0) * 10 + digit
        guard longer <= mostSeconds else { return nil }
        number = longer
      } else {
        guard let count = number,
          let unit = units.first(where: { $0.letter == character })?.seconds, unit < lastUnit
        else { return nil }
        total += count * unit
        (number, lastUnit) = (nil, unit)
      }
    }
    return number == nil && (1...mostSeconds).contains(total) ? total : nil
  }

  /// Seconds as a person would type them: `1h30m`.
  package static func text(_ seconds: Int) -> String {
    var (rest, text) = (seconds, "")
    for unit in units where rest >= unit.seconds {
      text += "\(rest / unit.seconds)\(unit.letter)"
      rest %= unit.seconds
    }
    return text
  }
}
