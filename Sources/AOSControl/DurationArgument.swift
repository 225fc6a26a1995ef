internal import ArgumentParser

/// A length of time on the command line: `90s`, `2m`, `1h`, `1h30m`.
struct DurationArgument: ExpressibleByArgument, Equatable {
  var seconds: Int

  /// The longest that is taken: a year.
  static let mostSeconds = 365 * 86_400

  /// Nil for anything else, nothing and more than a year included.
  init?(argument: String) {
    var total = 0
    var number: Int?
    var lastUnit = Int.max
    for character in argument {
      if let digit = character.wholeNumberValue, character.isASCII {
        number = (number ?? 0) * 10 + digit
        if number! > Self.mostSeconds { return nil }
      } else {
        guard let count = number, let unit = Self.units[character], unit < lastUnit else {
          return nil
        }
        total += count * unit
        (number, lastUnit) = (nil, unit)
      }
    }
    guard number == nil, (1...Self.mostSeconds).contains(total) else { return nil }
    seconds = total
  }

  private static let units: [Character: Int] = ["d": 86_400, "h": 3_600, "m": 60, "s": 1]

  var defaultValueDescription: String { "\(seconds)s" }
}
