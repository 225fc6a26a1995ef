internal import ArgumentParser
internal import ClusterModel
internal import ProgramSupport

/// A length of time on the command line: `90s`, `2m`, `1h`, `1h30m`.
struct DurationArgument: ExpressibleByArgument, Equatable {
  var seconds: Int

  /// Nil for anything else, nothing and more than a year included.
  init?(argument: String) {
    guard let seconds = SpanText.seconds(argument) else { return nil }
    self.seconds = seconds
  }

  /// The time that is so far ahead.
  var fromNow: Timestamp { Surroundings.now.adding(milliseconds: Int64(seconds) * 1_000) }

  var defaultValueDescription: String { "\(seconds)s" }
}
