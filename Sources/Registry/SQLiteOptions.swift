internal import ClusterModel

/// What a registry in SQLite may be told beyond its file.
package struct SQLiteOptions: RegistryOptions, Equatable {
  /// How long a call waits for another program's lock, in milliseconds.
  package var busyTimeoutMilliseconds = Int(TimeLimit.fileLock)
  /// How often the file is asked for news of other programs, in milliseconds. Asking reads a
  /// number from shared memory and writes nothing.
  package var pollMilliseconds = 250
  package var actionsKept = ActionRetention()

  package init() {}

  var checkMilliseconds: Int { pollMilliseconds }
  var firstRetryMilliseconds: Int { pollMilliseconds }
  /// Coming back writes, so a full disk is not tried at every poll.
  var longestRetryMilliseconds: Int { 4 * pollMilliseconds }
}
