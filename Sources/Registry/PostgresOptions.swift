/// What a registry in PostgreSQL may be told beyond its address.
package struct PostgresOptions: Equatable, Sendable {
  /// How long one server may take to let the connection in, in seconds; libpq takes 2 at least.
  package var connectSeconds = 4
  /// How long a call waits for another program's lock, in milliseconds.
  package var lockMilliseconds = 5_000
  /// How long the server works on one statement, and how long it waits for the next one of a
  /// transaction before it undoes it, in milliseconds.
  package var statementMilliseconds = 8_000
  /// How much longer an answer may be on its way, in milliseconds. After it the connection
  /// counts as lost.
  package var graceMilliseconds = 2_000
  /// How often a connection on which nothing happens is tried, in milliseconds.
  package var checkMilliseconds = 5_000
  /// How long to wait before the first attempt to come back, in milliseconds. Each one waits
  /// twice as long as the one before.
  package var firstRetryMilliseconds = 250
  /// The longest of these waits, in milliseconds.
  package var longestRetryMilliseconds = 5_000
  /// How many actions are kept; the oldest go first.
  package var actionsKept = 100_000

  package init() {}
}

/// The waits between attempts to come back: each twice as long as the one before, and none quite
/// like another balancer's, so that they do not all come at once.
struct RetryWaits {
  private var next: Int
  private let longest: Int

  init(_ options: PostgresOptions) {
    next = options.firstRetryMilliseconds
    longest = options.longestRetryMilliseconds
  }

  /// In milliseconds: between three quarters of the step and all of it.
  mutating func take(using random: inout some RandomNumberGenerator) -> Int {
    defer { next = min(longest, next * 2) }
    return Int.random(in: (next * 3 / 4)...next, using: &random)
  }
}
