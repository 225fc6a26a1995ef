internal import ClusterModel

/// A registry on a PostgreSQL server, which balancers on other machines can share.
struct PostgresPlace: RegistryPlace {
  let address: PostgresAddress
  let cluster: String
  let settings: PostgresOptions

  var kind: DatabaseURL.Kind { .postgres }
  var name: String { address.description }
  var options: any RegistryOptions { settings }
  var isAtHand: Bool { false }

  var pollingRemark: String? {
    let seconds = Double(settings.pollMilliseconds) / 1_000
    return "\(address) announces no changes, as behind a pool of connections in transaction mode; "
      + "it is asked for them every \(seconds) s"
  }

  func connect(mayCreate: Bool) throws(DatabaseFault) -> sending any RegistryConnection {
    try PostgresLink(address, cluster: cluster, options: settings, mayCreate: mayCreate)
  }

  func backUp(to file: String) async throws(RegistryFailure) {
    try await RegistryCopier().copy(address, of: cluster, to: file)
  }
}

/// Two connections to one registry: one for statements and, where the server's announcements
/// arrive, one that listens.
final class PostgresLink: RegistryConnection {
  private let work: PostgresConnection
  private let listener: PostgresListener?
  let epoch: String
  let actionsKept: ActionRetention
  var known: (version: Int64, contents: RegistryContents)?
  /// The state of the tables at the last call of `hasNews`.
  private var mark: PostgresMark?

  /// - Parameter mayCreate: Whether to make the registry if there is none.
  init(
    _ address: PostgresAddress, cluster: String, options: PostgresOptions, mayCreate: Bool
  ) throws(DatabaseFault) {
    actionsKept = options.actionsKept
    work = try PostgresConnection(address, options: options)
    do {
      epoch = try PostgresSchema.open(work, cluster: cluster, mayCreate: mayCreate).epoch
    } catch {
      var fault = DatabaseFault(error)
      // No change was asked for yet.
      fault.leavesOutcomeOpen = false
      throw fault
    }
    // It listens before anything is read, so no change is missed in between.
    listener = try PostgresListener.open(address, options: options, echoing: work)
    mark = try currentMark()
  }

  var socket: Int32? { listener?.socket }

  /// An announcement may be lost, and a connection pool forwards none. So this also compares the
  /// tables with their state at the last call.
  func hasNews() throws(DatabaseFault) -> Bool {
    try listener?.check()
    let now = try currentMark()
    defer { mark = now }
    return try hasAnnouncement() || mark != now
  }

  func hasAnnouncement() throws(DatabaseFault) -> Bool {
    try listener?.announcers().contains { $0 != work.processID } ?? false
  }

  private func currentMark() throws(DatabaseFault) -> PostgresMark {
    try run(.reading, keeps: { _ in true }) { session in try PostgresMark(in: session) }
  }

  func version(_ kind: TransactionKind, in session: some SQLSession) throws -> Int64 {
    let sql = "SELECT checked FROM cluster" + (kind == .writing ? " FOR UPDATE" : "")
    guard var row = try session.query(sql, []).first else { throw DatabaseFault.gone }
    return try row.next()
  }

  func run<Value>(
    _ kind: TransactionKind, keeps: (Value) -> Bool, _ body: (any SQLSession) throws -> Value
  ) throws(DatabaseFault) -> Value {
    do {
      try work.begin(kind)
      let value = try body(work)
      if keeps(value) {
        try work.commit()
      } else {
        // If this fails, the connection is lost, which the next call notices.
        try? work.rollBack()
      }
      return value
    } catch {
      var fault = DatabaseFault(error)
      if fault.keepsConnection {
        do { try work.rollBack() } catch { fault.keepsConnection = false }
      }
      throw fault
    }
  }
}
