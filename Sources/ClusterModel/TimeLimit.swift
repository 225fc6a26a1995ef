/// How long each part of the cluster waits for the next one, in milliseconds, in one table.
///
/// The called part gives up before its caller does, so that the caller learns the reason. An
/// operator then reads "the outcome is not known" from the balancer, and not "cannot reach" from
/// aosctl. `TimeLimitTests` checks the order of these numbers; DECISIONS.md says where they come
/// from.
public enum TimeLimit {
  // MARK: Database

  /// How long a statement of PostgreSQL waits for the lock of another program.
  public static let databaseLock: Int64 = 3_000
  /// How long PostgreSQL works on one statement, or waits for the next one of a transaction.
  public static let databaseStatement: Int64 = 5_000
  /// How long the answer of PostgreSQL may be on its way. Together with `databaseStatement` this is
  /// the time of one transaction.
  public static let databaseAnswer: Int64 = 1_000
  /// How long SQLite waits for the lock of another program.
  public static let fileLock: Int64 = 5_000

  // MARK: Balancer

  /// How long a balancer waits for its registry to carry out a change, or to read everything.
  public static let registryChange: Int64 = 8_000
  /// How long a balancer waits for its registry to read a list for a request: half of the time for
  /// a change.
  public static let registryList: Int64 = registryChange / 2
  /// How long a balancer waits after its start for its instances to report.
  public static let readiness: Int64 = 1_000
  /// How long a change waits for instances to obey it.
  public static let delivery: Int64 = 1_000
  /// How long a change waits until the log of actions calls it delivered.
  public static let settling: Int64 = 1_000
  /// How long an instance may take to answer its balancer, for example about its sessions.
  public static let instanceAnswer: Int64 = 3_000
  /// How long a search for sessions waits for all instances together.
  public static let search: Int64 = 2_000

  // MARK: Caller

  /// How long a program waits until a connection is established.
  public static let connecting: Int64 = 2_000
  /// How long a program waits for the answer to a question.
  public static let question: Int64 = 5_000
  /// How long a program waits for the answer to a change.
  public static let change: Int64 = 20_000
  /// How long a program waits for all servers of a client configuration, 256 at the same time.
  public static let configuration: Int64 = 10_000
  /// How long an instance waits for the answer to its join.
  public static let join: Int64 = 12_000
}
