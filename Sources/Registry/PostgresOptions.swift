internal import ClusterModel

/// The options of a registry in PostgreSQL besides its address.
package struct PostgresOptions: RegistryOptions, Equatable {
  /// How long one server may take to accept the connection, in seconds; libpq uses at least 2.
  package var connectSeconds = 4
  /// How long a call waits for another program's lock, in milliseconds.
  package var lockMilliseconds = Int(TimeLimit.databaseLock)
  /// How long the server works on one statement, and how long it waits for the next statement of a
  /// transaction before it rolls back, in milliseconds.
  package var statementMilliseconds = Int(TimeLimit.databaseStatement)
  /// How much longer an answer may take to arrive, in milliseconds. If a transaction takes longer
  /// than both together, its connection counts as lost.
  package var graceMilliseconds = Int(TimeLimit.databaseAnswer)
  /// How often an idle connection is tested and checked for changes, in milliseconds.
  package var checkMilliseconds = 5_000
  /// The same where the server cannot announce changes.
  package var pollMilliseconds = 500
  /// How long our own announcement may take to come back, in milliseconds; otherwise the session
  /// cannot listen.
  package var echoMilliseconds = 1_000
  /// The wait before the first attempt to reconnect, in milliseconds. Each wait is twice as long as
  /// the one before.
  package var firstRetryMilliseconds = 250
  /// The longest of these waits, in milliseconds.
  package var longestRetryMilliseconds = 5_000
  package var actionsKept = ActionRetention()

  package init() {}
}
