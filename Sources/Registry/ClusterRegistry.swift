package import ClusterModel

/// The database that keeps the configuration of one cluster.
///
/// A decision is a function on `RegistryContents`. A registry runs it inside one write transaction
/// and keeps the result. So when two balancers decide at the same moment, the second one starts
/// from the result of the first.
package protocol ClusterRegistry: Sendable {
  /// `sqlite` or `postgres`, as in the snapshot.
  var kind: String { get }

  /// The current configuration.
  func contents() async throws(RegistryFailure) -> RegistryContents

  /// Reads the contents, lets `decide` change them, keeps the differences and logs the actions, all
  /// in one transaction, which is on the disk before this returns.
  ///
  /// `decide` need not set what is set here: `cluster`, `epoch` and every `revision` (a change gets
  /// the next number, and so does each row whose desired state it changes), `delivered` of the
  /// actions (false where an instance must obey something new), and `registration` (a row that is
  /// new, or back after its removal, gets the next number; of several, those with the smaller
  /// number or else the smaller id come first). If `decide` removes a member from the dictionary,
  /// it stays as a removed row; if it removes a removed row, the row is deleted. A decision that
  /// changes nothing writes nothing but its actions.
  ///
  /// - Parameters:
  ///   - key: The key of this actor's request. If the registry has seen it within the last 24
  ///     hours, `decide` does not run again, and the earlier answer is returned. A `decide` that
  ///     threw leaves no entry.
  ///   - at: The time of the actions, and the time by which keys expire.
  ///   - actor: The actor of the request.
  ///   - decide: Runs while the registry is locked, so it must be pure and short.
  /// - Throws: What `decide` throws, with nothing changed; `KeyReused` where the key belongs to
  ///   another request; otherwise `RegistryFailure`.
  func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit

  /// The last actions, newest first. A kind of a later release keeps its name.
  func actions(limit: Int) async throws(RegistryFailure) -> [ActionRecord]

  /// Notes that instances obey the desired state of these revisions. Every earlier action of theirs
  /// is then delivered: it is in force, or a later one of the same instance has replaced it. The
  /// end of a session has no desired state and is confirmed separately.
  ///
  /// - Parameter obeyed: An instance that the registry has changed since is skipped.
  /// - Returns: The actions that were not delivered before, ascending by id.
  func confirm(_ obeyed: [InstanceID: Int64]) async throws(RegistryFailure) -> [ActionRecord]

  /// Stores the result of an action after its commit. A nil `result` keeps the words. An action
  /// that is no longer kept is skipped.
  func recordOutcome(of action: Int64, delivered: Bool, result: String?)
    async throws(RegistryFailure)

  /// Stores events once for all balancers. An event with the instance, kind and start of a known
  /// one is either the same event, or replaces it and raises its count.
  ///
  /// - Returns: These events as the registry has them now.
  func write(_ events: [ClusterEvent]) async throws(RegistryFailure) -> [ClusterEvent]

  /// The events, newest first. A kind of a later release keeps its name.
  func events(_ query: EventQuery) async throws(RegistryFailure) -> [ClusterEvent]

  /// Writes a copy of the whole registry, including the signing key, as a SQLite file. Others can
  /// read and write meanwhile.
  ///
  /// - Parameter file: An empty file that only its owner can read.
  func backUp(to file: String) async throws(RegistryFailure)

  /// Wakes the reader when another process may have changed something and when the database is lost
  /// or comes back. Each call returns a new stream, which begins with the current remark and the
  /// current outage. A slow reader loses the oldest signals, never the last one.
  func signals() -> AsyncStream<RegistrySignal>

  /// Ends the streams and releases the database. Later calls fail as `unavailable`.
  func close() async
}

/// Why a registry could not do something. The text names the database.
package enum RegistryFailure: Error, Equatable, Sendable {
  /// It cannot be reached or written now, and nothing was changed.
  case unavailable(String)
  /// The connection was lost during the commit: the change was made or not. The same request with
  /// the same key settles it.
  case outcomeUnknown(String)
  /// It can never serve this program and cluster; trying again does not help. Only when it is
  /// opened.
  case unusable(String)
}

extension RegistryFailure: PlainError {
  package var description: String {
    switch self {
    case .unavailable(let reason), .outcomeUnknown(let reason), .unusable(let reason): reason
    }
  }
}

/// What a registry reports without being asked.
package enum RegistrySignal: Equatable, Sendable {
  /// Another process may have changed something: read again.
  case changed
  /// The database was lost, for this reason.
  case lost(String)
  /// The database is back: read everything again.
  case available
  /// What operators should know about the way to the database; nil: nothing any more.
  case remark(String?)
}
