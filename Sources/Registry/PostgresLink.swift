internal import ClusterModel

/// Two connections to one registry: one that works and, where the server's announcements arrive,
/// one that listens. Belongs to one
/// `PostgresRegistry`, which calls it from its queue.
final class PostgresLink {
  private let work: PostgresConnection
  private let listener: PostgresListener?
  private let options: PostgresOptions
  let epoch: String
  /// What was read or written last, good for as long as nobody else has written.
  private var known: (version: Int64, contents: RegistryContents)?
  /// What the tables were like when somebody last asked for news.
  private var mark: PostgresMark?

  /// - Parameter mayCreate: Makes the registry where there is none.
  init(
    _ address: PostgresAddress, cluster: String, options: PostgresOptions, mayCreate: Bool
  ) throws(PostgresFault) {
    self.options = options
    work = try PostgresConnection(address, options: options)
    do {
      let entry = try PostgresSchema.open(work, cluster: cluster, mayCreate: mayCreate)
      epoch = entry.epoch
    } catch {
      var fault = PostgresFault(error)
      // Nobody asked for a change yet.
      fault.leavesOutcomeOpen = false
      throw fault
    }
    // It listens before anybody reads, so nothing is missed in between.
    listener = try PostgresListener.open(address, options: options, echoing: work)
    mark = try run(.reading) { try PostgresMark(in: self.work) }
  }

  /// Becomes readable when there may be news, or when the server goes away; nil where the server
  /// cannot announce changes.
  var socket: Int32? { listener?.socket }

  /// Changes are not announced here: `check` finds them.
  var mustPoll: Bool { listener == nil }

  func contents() throws(PostgresFault) -> RegistryContents {
    try run(.reading) { try self.read(locking: false) }
  }

  func actions(limit: Int) throws(PostgresFault) -> [ActionRecord] {
    try run(.reading) { try ActionTable.last(limit, from: self.work) }
  }

  func confirm(_ obeyed: [InstanceID: Int64]) throws(PostgresFault) -> [ActionRecord] {
    // Nearly always nobody waits, and then nothing is announced.
    let waiting = try run(.reading) { try ActionTable.waiting(among: obeyed, in: self.work) }
    guard !waiting.isEmpty else { return [] }
    return try run(.writing) {
      try waiting.flatMap { id in
        try ActionTable.confirm(id, revision: obeyed[id] ?? 0, in: self.work)
      }
    }
  }

  func settle(action: Int64, delivered: Bool, result: String?) throws(PostgresFault) {
    try run(.writing) {
      try ActionTable.settle(action, delivered: delivered, result: result, in: self.work)
    }
  }

  /// Writes something that means nothing.
  func checkWriting() throws(PostgresFault) {
    try run(.writing) { try ClusterTable.touch(in: self.work) }
  }

  /// Finds out whether both connections still answer.
  ///
  /// - Returns: Whether the tables differ from what they were at the last check. An announcement
  ///   may be lost, and a pool of connections passes none on.
  func check() throws(PostgresFault) -> Bool {
    try listener?.check()
    let now = try run(.reading) { try PostgresMark(in: self.work) }
    defer { mark = now }
    return mark != now
  }

  /// Whether somebody else has announced a write since this was last asked.
  func hasNews() throws(PostgresFault) -> Bool {
    try listener?.announcers().contains { $0 != work.processID } ?? false
  }

  /// - Returns: The commit, or what the decision threw.
  func change(
    _ request: ChangeRequest, decide: (inout RegistryContents) throws -> [ActionDraft]
  ) throws(PostgresFault) -> Result<RegistryCommit, any Error> {
    var version: Int64 = 0
    let outcome = try run(.writing, keeps: { (try? $0.get()) != nil }) {
      let outcome = try request.carryOut(
        on: self.read(locking: true), actionsKept: self.options.actionsKept, in: self.work,
        decide: decide)
      if case .success = outcome { version = try self.version(locking: true) }
      return outcome
    }
    if case .success(let commit) = outcome { known = (version, commit.contents) }
    return outcome
  }

  /// - Parameter locking: Everybody else who wants to change something waits from here on, until
  ///   this transaction is over. Without it the transaction sees one state of all tables.
  private func read(locking: Bool) throws -> RegistryContents {
    let version = try version(locking: locking)
    if let known, known.version == version { return known.contents }
    guard let entry = try ClusterTable.read(from: work) else { throw PostgresFault.gone }
    guard entry.epoch == epoch else { throw PostgresFault.isAnother }
    let contents = entry.contents(
      instances: try InstanceRow.readAll(from: work),
      tokens: try TokenTable.readAll(from: work),
      rotations: try RotationTable.readAll(from: work))
    known = (version, contents)
    return contents
  }

  /// Differs after every write to what is configured.
  private func version(locking: Bool) throws -> Int64 {
    let sql = "SELECT checked FROM cluster" + (locking ? " FOR UPDATE" : "")
    guard var row = try work.query(sql, []).first else { throw PostgresFault.gone }
    return try row.next()
  }

  /// Runs work in a transaction.
  ///
  /// - Parameter keeps: Whether the transaction is to be committed.
  private func run<Value>(
    _ kind: PostgresTransaction, keeps: (Value) -> Bool = { _ in true }, _ body: () throws -> Value
  ) throws(PostgresFault) -> Value {
    do {
      try work.begin(kind)
      let value = try body()
      if keeps(value) {
        try work.commit()
      } else {
        // Where this fails the connection is lost, which the next call finds out.
        try? work.rollBack()
      }
      return value
    } catch {
      var fault = PostgresFault(error)
      if fault.keepsConnection {
        do { try work.rollBack() } catch { fault.keepsConnection = false }
      }
      throw fault
    }
  }
}
