/// How long each part of the cluster waits for the next one, in milliseconds: the one table.
///
/// A callee gives up before its caller does, so that the reason travels back. An operator
/// then reads "the outcome is not known" from the balancer, and not "cannot reach" from aosctl.
/// `TimeLimitTests` holds the order of these numbers; DECISIONS.md tells where they come from.
public enum TimeLimit {
  // MARK: Database

  /// A statement of PostgreSQL waits for the lock of another program.
  public static let databaseLock: Int64 = 3_000
  /// PostgreSQL works on one statement, and waits for the next one of a transaction.
  public static let databaseStatement: Int64 = 5_000
  /// The answer of PostgreSQL is on its way. With `databaseStatement`: all of one transaction.
  public static let databaseAnswer: Int64 = 1_000
  /// SQLite waits for the lock of another program.
  public static let fileLock: Int64 = 5_000

  // MARK: Balancer

  /// A balancer waits for its registry to carry out a change, or to read all of it.
  public static let registryChange: Int64 = 8_000
  /// A balancer waits for its registry to read a list for a request: half of the time for a change.
  public static let registryList: Int64 = registryChange / 2
  /// A balancer that has started waits for its instances to report.
  public static let readiness: Int64 = 1_000
  /// A change waits for instances to obey it.
  public static let delivery: Int64 = 1_000
  /// A change waits for the log of actions to say so.
  public static let settling: Int64 = 1_000
  /// An instance answers a question of its balancer, about its sessions for example.
  public static let instanceAnswer: Int64 = 3_000
  /// A search for sessions waits for all instances together.
  public static let search: Int64 = 2_000

  // MARK: Caller

  /// A program waits for a connection to stand.
  public static let connecting: Int64 = 2_000
  /// A program waits for the answer to a question.
  public static let question: Int64 = 5_000
  /// A program waits for the answer to a change.
  public static let change: Int64 = 20_000
  /// A program waits for all servers of a client's configuration, 256 at a time.
  public static let configuration: Int64 = 10_000
  /// An instance waits for the answer to its join.
  public static let join: Int64 = 12_000
}
