internal import ClusterModel

/// The options of a registry in SQLite besides its file.
package struct SQLiteOptions: RegistryOptions, Equatable {
  /// How long a call waits for another program's lock, in milliseconds.
  package var busyTimeoutMilliseconds = Int(TimeLimit.fileLock)
  /// How often the file is checked for changes of other programs, in milliseconds. A check reads a
  /// number from shared memory and writes nothing.
  package var pollMilliseconds = 250
  package var actionsKept = ActionRetention()

  package init() {}

  var checkMilliseconds: Int { pollMilliseconds }
  var firstRetryMilliseconds: Int { pollMilliseconds }
  /// Reconnecting writes, so it is not tried at every poll while the disk is full.
  var longestRetryMilliseconds: Int { 4 * pollMilliseconds }
}
