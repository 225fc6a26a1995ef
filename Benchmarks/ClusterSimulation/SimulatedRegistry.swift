internal import Balancing
internal import ClusterModel

/// The database, as far as balancers see of it: transactions, one after the other, that outlive
/// everything.
final class SimulatedRegistry {
  /// What a change left behind.
  struct Commit {
    var kept: RegistryCommit
    /// In which line of numbers.
    var line: Int
  }

  /// A copy of the database, as backups make it.
  struct Copy {
    fileprivate let contents: RegistryContents
    fileprivate let actions: [ActionRecord]
    fileprivate let requests: [String: Commit]
    fileprivate let line: RegistryLine
  }

  enum Failure: Error {
    case unavailable, outcomeUnknown
    case refused(MutationRefusal)
  }

  private(set) var contents: RegistryContents
  private(set) var actions: [ActionRecord] = []
  private var events: Int64 = 0
  var isAway = false
  private var requests: [String: Commit] = [:]
  /// One more with every restoring from a copy; the last one counts.
  private(set) var lines: [RegistryLine]
  /// Writes of everybody, and those of each balancer: who compares them knows of news.
  private(set) var writes = 0
  /// When something that is configured last changed.
  private(set) var changedAt: Int64 = 0
  private var ownWrites: [Int: Int] = [:]

  init(cluster: String, epoch: String) {
    contents = RegistryContents(cluster: cluster, epoch: epoch)
    // One for every instance that asks over TCP.
    for number in 1...Self.tokens {
      let id = Self.token(number)
      contents.tokens[id] = AccessToken(
        id: id, name: id, role: .instance, hash: [],
        createdAt: Timestamp(milliseconds: 0), createdBy: "root")
    }
    lines = [RegistryLine(contents)]
  }

  /// How many access tokens there are.
  static let tokens = 16

  static func token(_ number: Int) -> String { "token-\(number)" }

  /// The line of numbers that counts now.
  var lastLine: Int { lines.count - 1 }

  // MARK: Copies

  /// A copy of it as it is.
  func copy() -> Copy {
    Copy(contents: contents, actions: actions, requests: requests, line: lines[lastLine])
  }

  /// Is that copy from now on: what the copy does not hold is lost.
  func restore(_ copy: Copy, now: Int64) {
    (contents, actions, requests) = (copy.contents, copy.actions, copy.requests)
    lines.append(copy.line.restored(at: contents.revision))
    changedAt = now
    writes += 1
  }

  // MARK: Transactions

  /// Writes that were not this balancer's.
  func foreignWrites(for node: Int) -> Int { writes - ownWrites[node, default: 0] }

  /// One transaction.
  func change(
    _ request: MutationMachine.Request, at: Timestamp, by node: Int, in world: World,
    decide: (inout RegistryContents) throws(MutationRefusal) -> [ActionDraft]
  ) throws(MutationRefusal) -> Commit {
    let key = request.key.map { "\(request.actor.name) \($0.id)" }
    if let key, var known = requests[key] {
      known.kept.contents = contents
      known.kept.actions = known.kept.actions.map { actions[Int($0.id) - 1] }
      known.kept.isRepeat = true
      return known
    }
    var decided = contents
    let drafts = try decide(&decided)
    let difference = RegistryDifference(from: contents, to: decided, at: at)
    world.checkChange(from: contents, to: difference.contents, by: request.mutation)
    if !difference.isEmpty {
      world.checkLies(from: contents, to: difference.contents, by: request.actor.name)
      if contents.licenseEndedBy == nil, difference.contents.licenseEndedBy != nil {
        world.faults[.licenseEnded] += 1
      }
      keep(difference, request.mutation)
      changedAt = world.now
    }
    var commit = answer([])
    commit.kept.concerned = difference.concerned
    for draft in difference.marked(drafts) {
      let record = ActionRecord(
        id: Int64(actions.count + 1), at: at, actor: request.actor.name,
        actorKind: request.actor.kind, action: .known(draft.action),
        instance: draft.instance, reason: draft.reason, result: draft.result,
        delivered: draft.delivered)
      actions.append(record)
      commit.kept.actions.append(record)
    }
    writes += 1
    ownWrites[node, default: 0] += 1
    if let key { requests[key] = commit }
    return commit
  }

  /// What a reader is told.
  func answer(_ actions: [ActionRecord]) -> Commit {
    Commit(
      kept: RegistryCommit(
        contents: contents, revision: contents.revision, concerned: [], actions: actions,
        isRepeat: false),
      line: lastLine)
  }

  private func keep(_ difference: RegistryDifference, _ mutation: Mutation) {
    contents = difference.contents
    lines[lastLine].keep(contents, difference.concerned, mutation)
  }

  /// Instances obey these revisions: what waited for that is delivered.
  func confirm(_ obeyed: [InstanceID: Int64], by node: Int) -> [ActionRecord] {
    let places = actions.indices.filter { place in
      guard actions[place].delivered == false, let id = actions[place].instance,
        let revision = obeyed[id], let row = contents.instances[id]
      else { return false }
      return row.revision <= revision
    }
    guard !places.isEmpty else { return [] }
    for place in places { actions[place].delivered = true }
    writes += 1
    ownWrites[node, default: 0] += 1
    return places.map { actions[$0] }
  }

  /// The number of a further event.
  func nextEvent() -> Int64 {
    events += 1
    return events
  }

  /// The last actions, newest first.
  var lastActions: [ActionRecord] {
    Array(actions.suffix(ClusterSnapshot.actionsKept).reversed())
  }
}
