internal import ClusterModel

/// A time that an operator types to look at: `10:42`, `10:42:07`, `2026-03-01 10:42`, `-5m` or
/// `+30s`. Times are UTC, as everywhere on the screen.
enum WantedTime {
  static let examples = "10:42, 10:42:07, 2026-03-01 10:42, -5m, +30s"
  /// Longer than any of them.
  static let longest = 32

  /// The characters that such a text may contain.
  static func mayHold(_ character: Character) -> Bool {
    character.isASCII && (character.isNumber || ":-+.TtZz hmsd".contains(character))
  }

  /// - Parameters:
  ///   - shown: The time on the screen: spans count from it, and a time without a day is of its
  ///     day.
  ///   - latest: The latest possible time: a time without a day that would be later is of the day
  ///     before.
  /// - Returns: Nil for a text that names no time.
  static func time(_ text: String, shown: Timestamp, latest: Timestamp) -> Timestamp? {
    let text = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    if text.first == "-" || text.first == "+" {
      return span(text.dropFirst()).map { shown.adding(milliseconds: text.first == "-" ? -$0 : $0) }
    }
    if let whole = Timestamp(text) { return whole }
    let parts = text.split(whereSeparator: { $0 == " " || $0 == "T" || $0 == "t" })
    guard let last = parts.last, parts.count <= 2, let clock = clock(last) else { return nil }
    if parts.count == 2 { return Timestamp("\(parts[0])T\(clock)Z") }
    let day = shown.description.prefix(10)
    guard let time = Timestamp("\(day)T\(clock)Z") else { return nil }
    return time > latest ? time.adding(milliseconds: -86_400_000) : time
  }

  /// `10:42` as `10:42:00`; a time with seconds as it is.
  private static func clock(_ text: Substring) -> String? {
    let fields = text.split(separator: ":", omittingEmptySubsequences: false)
    guard fields.count == 2 || fields.count == 3 else { return nil }
    let numbers = fields.map { field in
      (1...2).contains(field.utf8.count) ? Int(field) ?? -1 : -1
    }
    guard zip(numbers, [0..<24, 0..<60, 0..<60]).allSatisfy({ $1.contains($0) }) else { return nil }
    let whole = numbers + [0]
    return whole.prefix(3).map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }

  /// `90s`, `5m`, `1h`, `1h30m`; a number alone means minutes. In milliseconds.
  private static func span(_ text: Substring) -> Int64? {
    let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    var (sum, number) = (Int64(0), "")
    for character in text {
      if character.isASCII, character.isNumber {
        number.append(character)
      } else if let unit = units[character], number.utf8.count <= 6, let count = Int64(number) {
        sum += count * unit
        number = ""
      } else {
        return nil
      }
      guard number.utf8.count <= 6 else { return nil }
    }
    if let minutes = Int64(number) { return sum == 0 ? minutes * 60_000 : nil }
    return text.isEmpty || !number.isEmpty ? nil : sum
  }
}
