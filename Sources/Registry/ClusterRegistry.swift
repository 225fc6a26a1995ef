package import ClusterModel

/// The database that keeps what is configured of one cluster.
///
/// A decision is a function on `RegistryContents`; a registry runs it inside one write
/// transaction and keeps what comes out, so that of two balancers that decide at the same moment
/// the second one decides on what the first one left.
package protocol ClusterRegistry: Sendable {
  /// `sqlite` or `postgres`, as the snapshot names it.
  var kind: String { get }

  /// Everything that is configured, as of now.
  func contents() async throws(RegistryFailure) -> RegistryContents

  /// Reads, lets `decide` change the value, keeps what differs and logs the actions: all in one
  /// transaction, which is durable before this returns.
  ///
  /// What `decide` need not care for, because it is done here: `cluster`, `epoch` and every
  /// `revision` (a change has the next one, and so has each row whose desired state it touches),
  /// `delivered` of the actions (false where an instance has something new to obey), and
  /// `registration` (a row that is new, or back after its removal, gets the next number; of
  /// several, those with the smaller number or else the smaller id come first). A member that
  /// `decide` takes out of the dictionary stays as a removed row; a removed row that it takes out
  /// is deleted. A decision that changes nothing writes nothing but its actions.
  ///
  /// - Parameters:
  ///   - key: Names the request of this actor. Seen within the last 24 hours, `decide` does not
  ///     run again and the answer is the one of then. A `decide` that threw leaves no trace.
  ///   - at: The time of the actions, and the one by which request ids grow old.
  ///   - actor: Who asks for it.
  ///   - decide: Runs with the registry locked: pure and short.
  /// - Throws: What `decide` throws, as it is, with nothing changed; `KeyReused` where the key
  ///   stands for another request; otherwise `RegistryFailure`.
  func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit

  /// The last actions, newest first. A kind that a later release wrote keeps its name.
  func actions(limit: Int) async throws(RegistryFailure) -> [ActionRecord]

  /// Instances are known to obey the desired state of these revisions. Every action of theirs up
  /// to that is delivered: it is in force, or a later one of the same instance has overtaken it.
  /// The end of a session, which is not a desired state, is settled alone.
  ///
  /// - Parameter obeyed: An instance that the registry has changed since is passed over.
  /// - Returns: The actions that were not delivered before, ascending by id.
  func confirm(_ obeyed: [InstanceID: Int64]) async throws(RegistryFailure) -> [ActionRecord]

  /// The result of an action after its commit. A nil `result` leaves the words as they are; an
  /// action that is no longer kept is passed over.
  func recordOutcome(of action: Int64, delivered: Bool, result: String?)
    async throws(RegistryFailure)

  /// Writes down what happened in the cluster, once for all balancers: an event of the same
  /// instance, kind and beginning is the existing one, told again, or takes its place and
  /// counts on.
  ///
  /// - Returns: These events as the registry has them now.
  func write(_ events: [ClusterEvent]) async throws(RegistryFailure) -> [ClusterEvent]

  /// What happened, newest first. A kind that a later release wrote keeps its name.
  func events(_ query: EventQuery) async throws(RegistryFailure) -> [ClusterEvent]

  /// Writes a copy of all that the registry holds now, the signing key too, as a registry in
  /// SQLite. Everybody else goes on reading and writing meanwhile.
  ///
  /// - Parameter file: An empty file, which its owner alone can read.
  func backUp(to file: String) async throws(RegistryFailure)

  /// Wakes the reader when somebody else may have changed something and when the database goes
  /// away or comes back. Every call gives a stream of its own, which begins with the remark that
  /// holds and with an outage that lasts. A slow reader loses the oldest signals, never the last.
  func signals() -> AsyncStream<RegistrySignal>

  /// Ends the streams and lets the database go. Everything after it fails as `unavailable`.
  func close() async
}

/// Why a registry could not do what it was asked. The text names the database.
package enum RegistryFailure: Error, Equatable, Sendable {
  /// It cannot be reached or written now, and nothing was changed.
  case unavailable(String)
  /// It was lost while it committed: the change is there or it is not. The same request id sent
  /// again settles it.
  case outcomeUnknown(String)
  /// It can never serve this program and cluster, however often one tries. Only when opened.
  case unusable(String)
}

extension RegistryFailure: PlainError {
  package var description: String {
    switch self {
    case .unavailable(let reason), .outcomeUnknown(let reason), .unusable(let reason): reason
    }
  }
}

/// What a registry says unasked.
package enum RegistrySignal: Equatable, Sendable {
  /// Another process may have changed something: read again.
  case changed
  /// The database went away, for this reason.
  case lost(String)
  /// It is back: read everything again.
  case available
  /// What operators should know of the way to the database, in words; nil: nothing any more.
  case remark(String?)
}
