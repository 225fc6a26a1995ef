internal import ArgumentParser
internal import ClusterModel
internal import ProgramSupport

/// A length of time on the command line: `90s`, `2m`, `1h`, `1h30m`.
struct DurationArgument: ExpressibleByArgument, Equatable {
  var seconds: Int

  /// Nil for an empty text, any other text, and more than a year.
  init?(argument: String) {
    guard let seconds = SpanText.seconds(argument) else { return nil }
    self.seconds = seconds
  }

  /// The time after this duration from now.
  var fromNow: Timestamp { Surroundings.now.adding(milliseconds: Int64(seconds) * 1_000) }

  var defaultValueDescription: String { "\(seconds)s" }
}
