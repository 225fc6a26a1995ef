internal import ClusterModel

/// Where a registry is kept, and how a connection to it is made: what one kind of database has of
/// its own. `DatabaseRegistry` is the rest.
protocol RegistryPlace: Sendable {
  var kind: DatabaseURL.Kind { get }
  /// The path or the address, which begins every sentence about it.
  var name: String { get }
  var options: any RegistryOptions { get }
  /// Connecting takes no time worth mentioning, so a call may do it.
  var isAtHand: Bool { get }
  /// What operators should know while changes are not announced; nil: nothing.
  var pollingRemark: String? { get }

  /// - Parameter mayCreate: Makes the registry where there is none.
  func connect(mayCreate: Bool) throws(DatabaseFault) -> sending any RegistryConnection

  /// Writes a copy of it into an empty file.
  func backUp(to file: String) async throws(RegistryFailure)
}

/// What every registry may be told: how often it looks, in milliseconds.
protocol RegistryOptions: Sendable {
  /// How often the database is asked for changes that nobody announces.
  var pollMilliseconds: Int { get }
  /// How often a connection on which changes are announced is tried all the same.
  var checkMilliseconds: Int { get }
  /// How long to wait before the first attempt to come back. Each one waits twice as long as the
  /// one before.
  var firstRetryMilliseconds: Int { get }
  /// The longest of these waits.
  var longestRetryMilliseconds: Int { get }
}

/// An open registry. Belongs to one `DatabaseRegistry`, which calls it from its queue.
protocol RegistryConnection: AnyObject {
  /// Names this registry.
  var epoch: String { get }
  var actionsKept: ActionRetention { get }
  /// What was read or written last, good for as long as nobody else has written.
  var known: (version: Int64, contents: RegistryContents)? { get set }
  /// Becomes readable when there may be news, or when the database goes away; nil where changes
  /// are not announced.
  var socket: Int32? { get }

  /// Looks whether everything still works, and whether somebody else has written since this was
  /// last asked.
  func hasNews() throws(DatabaseFault) -> Bool

  /// Whether somebody else has announced a write since this was last asked.
  func hasAnnouncement() throws(DatabaseFault) -> Bool

  /// Differs after every write of somebody else to what is configured. In a transaction that
  /// writes, everybody else who wants to change something waits from here on, until it is over.
  func version(_ kind: TransactionKind, in session: some SQLSession) throws -> Int64

  /// Runs work in a transaction.
  ///
  /// - Parameter keeps: Whether the transaction is to be committed.
  func run<Value>(
    _ kind: TransactionKind, keeps: (Value) -> Bool,
    _ body: (any SQLSession) throws -> Value
  ) throws(DatabaseFault) -> Value
}

/// What a transaction may do.
enum TransactionKind {
  /// Sees one state of all tables.
  case reading
  /// Decides on what the one before it left.
  case writing
}

/// The calls of a registry.
extension RegistryConnection {
  func contents() throws(DatabaseFault) -> RegistryContents {
    try run(.reading) { session in try self.read(.reading, from: session) }
  }

  /// - Returns: The commit, or what the decision threw.
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
    // Nearly always nobody waits, and then nothing is locked and nothing announced.
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
      // Everybody else who writes events waits from here on.
      _ = try self.version(.writing, in: session)
      return try EventTable.write(events, kept: EventRetention(), to: session)
    }
  }

  func events(_ query: EventQuery) throws(DatabaseFault) -> [ClusterEvent] {
    try run(.reading) { session in try EventTable.last(query, from: session) }
  }

  /// Writes something that means nothing.
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
