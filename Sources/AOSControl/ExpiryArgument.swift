internal import ArgumentParser
internal import ClusterModel

/// When something expires, on the command line: after a duration, or at a day or time.
enum ExpiryArgument: Equatable {
  case after(seconds: Int)
  case at(Timestamp)

  /// Reads `90d`, `12h`, `2027-12-31` or `2027-12-31T18:00:00Z`.
  ///
  /// - Throws: `ValidationError` for anything else.
  init(_ text: String) throws {
    if let duration = DurationArgument(argument: text) {
      self = .after(seconds: duration.seconds)
    } else if let time = Self.reading(text) {
      self = .at(time)
    } else {
      throw ValidationError(
        "it must be a length of time such as 90d (365d at most), or a day such as 2027-12-31")
    }
  }

  func time(from now: Timestamp) -> Timestamp {
    switch self {
    case .after(let seconds): now.adding(milliseconds: Int64(seconds) * 1_000)
    case .at(let time): time
    }
  }

  /// Reads a day, or a time.
  ///
  /// - Throws: `ValidationError` for anything else.
  static func time(_ text: String) throws -> Timestamp {
    guard let time = reading(text) else {
      throw ValidationError(
        "it must be a day such as 2027-12-31, or a time such as 2027-12-31T18:00:00Z")
    }
    return time
  }

  /// A day begins at midnight, UTC.
  private static func reading(_ text: String) -> Timestamp? {
    Timestamp(text) ?? Timestamp("\(text)T00:00:00Z")
  }
}
