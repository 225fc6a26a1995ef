internal import ClusterModel

/// The place of a registry, and how to connect to it: the part that differs between kinds of
/// databases. `DatabaseRegistry` is the common part.
protocol RegistryPlace: Sendable {
  var kind: DatabaseURL.Kind { get }
  /// The path or the address. Every message about the registry begins with it.
  var name: String { get }
  var options: any RegistryOptions { get }
  /// Whether connecting takes almost no time, so that a call may do it.
  var isAtHand: Bool { get }
  /// What operators should know while changes are not announced; nil: nothing.
  var pollingRemark: String? { get }

  /// - Parameter mayCreate: Whether to make the registry if there is none.
  func connect(mayCreate: Bool) throws(DatabaseFault) -> sending any RegistryConnection

  /// Writes a copy of it into an empty file.
  func backUp(to file: String) async throws(RegistryFailure)
}

/// The options of every registry: its intervals, in milliseconds.
protocol RegistryOptions: Sendable {
  /// How often the database is asked for changes that are not announced.
  var pollMilliseconds: Int { get }
  /// How often a connection with announcements is checked all the same.
  var checkMilliseconds: Int { get }
  /// The wait before the first attempt to reconnect. Each wait is twice as long as the one before.
  var firstRetryMilliseconds: Int { get }
  /// The longest of these waits.
  var longestRetryMilliseconds: Int { get }
}

/// An open registry. It belongs to one `DatabaseRegistry`, which calls it on its queue.
protocol RegistryConnection: AnyObject {
  /// The random name of this registry.
  var epoch: String { get }
  var actionsKept: ActionRetention { get }
  /// What was read or written last. It is valid until somebody else writes.
  var known: (version: Int64, contents: RegistryContents)? { get set }
  /// Becomes readable when there may be changes, or when the database goes away; nil where changes
  /// are not announced.
  var socket: Int32? { get }

  /// Checks whether everything still works, and whether somebody else has written since the last
  /// call.
  func hasNews() throws(DatabaseFault) -> Bool

  /// Whether somebody else has announced a write since the last call.
  func hasAnnouncement() throws(DatabaseFault) -> Bool

  /// A number that changes with every write of somebody else to the configuration. In a writing
  /// transaction, all others who want to write wait from here on until the transaction is over.
  func version(_ kind: TransactionKind, in session: some SQLSession) throws -> Int64

  /// Runs work in a transaction.
  ///
  /// - Parameter keeps: Whether to commit the transaction.
  func run<Value>(
    _ kind: TransactionKind, keeps: (Value) -> Bool,
    _ body: (any SQLSession) throws -> Value
  ) throws(DatabaseFault) -> Value
}

/// What a transaction may do.
enum TransactionKind {
  /// Reads one state of all tables.
  case reading
  /// Decides with the result of the transaction before it.
  case writing
}

/// The calls of a registry.
extension RegistryConnection {
  func contents() throws(DatabaseFault) -> RegistryContents {
    try run(.reading) { session in try self.read(.reading, from: session) }
  }

  /// - Returns: The commit, or the error of the decision.
  func change(
    _ request: ChangeRequest, decide: (inout RegistryContents) throws -> [ActionDraft]
  ) throws(DatabaseFault) -> Result<RegistryCommit, any Error> {
    var version: Int64 = 0
    let outcome: Result<RegistryCommit, any Error>
    do {
      outcome = try run(.writing, keeps: { (try? $0.get()) != nil }) { session in
        let outcome = try request.carryOut(
          on: self.read(.writing, from: session), actionsKept: self.actionsKept, in: session,
          decide: decide)
        if case .success = outcome { version = try self.version(.writing, in: session) }
        return outcome
      }
    } catch {
      known = nil
      throw error
    }
    if case .success(let commit) = outcome { known = (version, commit.contents) }
    return outcome
  }

  func actions(limit: Int) throws(DatabaseFault) -> [ActionRecord] {
    try run(.reading) { session in try ActionTable.last(limit, from: session) }
  }

  func confirm(_ obeyed: [InstanceID: Int64]) throws(DatabaseFault) -> [ActionRecord] {
    // Usually no action waits, and then nothing is locked or announced.
    let waiting = try run(.reading) { session in
      try ActionTable.waiting(among: obeyed, in: session)
    }
    guard !waiting.isEmpty else { return [] }
    return try run(.writing) { session in
      try waiting.flatMap { id in
        try ActionTable.confirm(id, revision: obeyed[id] ?? 0, in: session)
      }
    }
  }

  func recordOutcome(of action: Int64, delivered: Bool, result: String?) throws(DatabaseFault) {
    try run(.writing) { session in
      try ActionTable.recordOutcome(of: action, delivered: delivered, result: result, in: session)
    }
  }

  func write(_ events: [ClusterEvent]) throws(DatabaseFault) -> [ClusterEvent] {
    try run(.writing) { session in
      // All others who write events wait from here on.
      _ = try self.version(.writing, in: session)
      return try EventTable.write(events, kept: EventRetention(), to: session)
    }
  }

  func events(_ query: EventQuery) throws(DatabaseFault) -> [ClusterEvent] {
    try run(.reading) { session in try EventTable.last(query, from: session) }
  }

  /// Writes without changing anything.
  func checkWriting() throws(DatabaseFault) {
    try run(.writing) { session in try ClusterTable.touch(in: session) }
  }

  private func read(
    _ kind: TransactionKind, from session: some SQLSession
  ) throws -> RegistryContents {
    let version = try version(kind, in: session)
    if let known, known.version == version { return known.contents }
    guard let entry = try ClusterTable.read(from: session) else { throw DatabaseFault.gone }
    guard entry.epoch == epoch else { throw DatabaseFault.isAnother }
    let contents = entry.contents(
      instances: try InstanceRow.readAll(from: session),
      tokens: try TokenTable.readAll(from: session),
      rotations: try RotationTable.readAll(from: session))
    known = (version, contents)
    return contents
  }

  private func run<Value>(
    _ kind: TransactionKind, _ body: (any SQLSession) throws -> Value
  ) throws(DatabaseFault) -> Value {
    try run(kind, keeps: { _ in true }, body)
  }
}
