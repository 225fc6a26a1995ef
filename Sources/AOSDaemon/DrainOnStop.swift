internal import ArgumentParser

/// How long an instance waits for its sessions when it must stop.
enum DrainOnStop: Equatable, CustomStringConvertible {
  /// Not at all.
  case off
  /// As long as it takes.
  case unlimited
  /// At most as many seconds as were asked for; it waits no shorter than `leastSeconds`.
  case atMost(asked: Int)

  /// No session is ended sooner than this after its user was warned.
  static let leastSeconds = 60
  /// A week.
  static let mostSeconds = 604_800

  /// Reads a number of seconds, `true` (as long as it takes) or `false` (not at all).
  ///
  /// - Throws: `ValidationError`, whose text follows the option's name.
  init(_ text: String) throws {
    switch text {
    case "true": self = .unlimited
    case "false": self = .off
    default:
      guard let number = Int(text), (0...Self.mostSeconds).contains(number) else {
        throw ValidationError(
          "it must be 0 to \(Self.mostSeconds) seconds as a number, true or false")
      }
      self = .atMost(asked: number)
    }
  }

  /// Nil: as long as it takes.
  var seconds: Int? {
    if case .atMost(let asked) = self { max(asked, Self.leastSeconds) } else { nil }
  }

  /// A note for the log where the value differs from the given one.
  var note: String? {
    guard case .atMost(let asked) = self, asked < Self.leastSeconds else { return nil }
    return "--drain-on-stop \(asked) is taken as \(Self.leastSeconds): no session ends less than "
      + "\(Self.leastSeconds) s after its user was told"
  }

  var description: String {
    switch self {
    case .off: "false"
    case .unlimited: "true"
    case .atMost(let asked): "\(asked)"
    }
  }
}
