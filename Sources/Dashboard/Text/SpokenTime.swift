internal import ClusterModel

/// Spans and times as an operator types them.
enum SpokenTime {
  private static let units: [Character: Int] = ["d": 86_400, "h": 3_600, "m": 60, "s": 1]
  private static let mostSeconds = 365 * 86_400

  /// Seconds of `90s`, `30m`, `1h30m`, `2d`; nil for anything else, nothing, and over a year.
  static func seconds(_ text: String) -> Int? {
    var (total, lastUnit) = (0, Int.max)
    var number: Int?
    for character in text {
      if character.isASCII, let digit = character.wholeNumberValue {
        let longer = (number ?? 0) * 10 + digit
        guard longer <= mostSeconds else { return nil }
        number = longer
      } else {
        guard let count = number, let unit = units[character], unit < lastUnit else { return nil }
        total += count * unit
        (number, lastUnit) = (nil, unit)
      }
    }
    return number == nil && (1...mostSeconds).contains(total) ? total : nil
  }

  /// Seconds as an operator would type them: `1h30m`.
  static func text(_ seconds: Int) -> String {
    var (rest, text) = (seconds, "")
    for (unit, size) in units.sorted(by: { $0.value > $1.value }) where rest >= size {
      text += "\(rest / size)\(unit)"
      rest %= size
    }
    return text
  }

  /// Seconds of an idle limit; nil for what is none, and over a day.
  static func idleSeconds(_ text: String) -> Int? {
    seconds(text).flatMap { $0 <= 86_400 ? $0 : nil }
  }

  /// Minutes since midnight of `22:30`.
  private static func minuteOfDay(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.count == 2, (1...2).contains(parts[0].utf8.count),
      parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  /// The point in time that `30m` or `22:30` means now; a time of day is UTC, and comes next.
  static func deadline(_ text: String, at now: Timestamp) -> Timestamp? {
    if let seconds = seconds(text) { return now.adding(milliseconds: Int64(seconds) * 1_000) }
    guard let minute = minuteOfDay(text) else { return nil }
    let day: Int64 = 86_400_000
    let sinceMidnight = ((now.milliseconds % day) + day) % day
    let ahead = Int64(minute) * 60_000 - sinceMidnight
    return now.adding(milliseconds: ahead > 0 ? ahead : ahead + day)
  }
}
