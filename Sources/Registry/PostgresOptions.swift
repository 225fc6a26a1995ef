internal import ClusterModel

/// What a registry in PostgreSQL may be told beyond its address.
package struct PostgresOptions: RegistryOptions, Equatable {
  /// How long one server may take to let the connection in, in seconds; libpq takes 2 at least.
  package var connectSeconds = 4
  /// How long a call waits for another program's lock, in milliseconds.
  package var lockMilliseconds = Int(TimeLimit.databaseLock)
  /// How long the server works on one statement, and how long it waits for the next one of a
  /// transaction before it undoes it, in milliseconds.
  package var statementMilliseconds = Int(TimeLimit.databaseStatement)
  /// How much longer an answer may be on its way, in milliseconds. A transaction that takes longer
  /// than both together has lost its connection.
  package var graceMilliseconds = Int(TimeLimit.databaseAnswer)
  /// How often a connection on which nothing happens is tried and asked for changes, in
  /// milliseconds.
  package var checkMilliseconds = 5_000
  /// The same where the server cannot announce changes.
  package var pollMilliseconds = 500
  /// An announcement of our own must come back within this time, or the session cannot listen, in
  /// milliseconds.
  package var echoMilliseconds = 1_000
  /// How long to wait before the first attempt to come back, in milliseconds. Each one waits
  /// twice as long as the one before.
  package var firstRetryMilliseconds = 250
  /// The longest of these waits, in milliseconds.
  package var longestRetryMilliseconds = 5_000
  package var actionsKept = ActionRetention()

  package init() {}
}
