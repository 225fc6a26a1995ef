internal import Balancing
internal import ClusterModel

/// The database, as far as balancers see of it: transactions, one after the other, that outlive
/// everything.
final class SimulatedRegistry {
  /// What a change left behind.
  struct Commit {
    var contents: RegistryContents
    var revision: Int64
    var concerned: [InstanceID] = []
    var actions: [ActionRecord] = []
    var isRepeat = false
  }

  enum Failure: Error { case unavailable, outcomeUnknown, refused(Balancing.Refusal) }

  /// Whoever asks for a change.
  struct Request {
    var mutation: Mutation
    var actor: String
    var acknowledged: Set<ImpactWarning> = []
    var id: String?
  }

  private(set) var contents: RegistryContents
  private(set) var actions: [ActionRecord] = []
  var isAway = false
  private var requests: [String: Commit] = [:]
  private var versions: [Int64: RegistryContents]
  private var documents: [InstanceID: [Int64: DesiredState]] = [:]
  private var drains: [InstanceID: [Int64]] = [:]
  /// Writes of everybody, and those of each balancer: who compares them knows of news.
  private(set) var writes = 0
  /// When something that is configured last changed.
  private(set) var changedAt: Int64 = 0
  private var ownWrites: [Int: Int] = [:]

  init(cluster: String, epoch: String) {
    contents = RegistryContents(cluster: cluster, epoch: epoch)
    versions = [0: contents]
  }

  /// What it held after that change.
  func version(_ revision: Int64) -> RegistryContents? { versions[revision] }

  /// What it said to an instance with that revision.
  func document(_ id: InstanceID, _ revision: Int64) -> DesiredState? {
    documents[id]?[revision]
  }

  /// The last drain of an instance up to a revision: its own revision.
  func lastDrain(of id: InstanceID, upTo revision: Int64) -> Int64? {
    drains[id]?.last { $0 <= revision }
  }

  /// Writes that were not this balancer's.
  func foreignWrites(for node: Int) -> Int { writes - ownWrites[node, default: 0] }

  /// One transaction.
  func change(
    _ request: Request, at: Timestamp, by node: Int, in world: World,
    decide: (inout RegistryContents) throws(Balancing.Refusal) -> [ActionDraft]
  ) throws(Balancing.Refusal) -> Commit {
    let key = request.id.map { "\(request.actor) \($0)" }
    if let key, var known = requests[key] {
      known.contents = contents
      known.isRepeat = true
      return known
    }
    var decided = contents
    let drafts = try decide(&decided)
    let difference = RegistryDifference(from: contents, to: decided, at: at)
    world.checkChange(from: contents, to: difference.contents, by: request.mutation)
    if !difference.isEmpty {
      if contents.licenseEndedBy == nil, difference.contents.licenseEndedBy != nil {
        world.faults[.licenseEnded] += 1
      }
      keep(difference, request.mutation)
      changedAt = world.now
    }
    var commit = Commit(
      contents: contents, revision: contents.revision, concerned: difference.concerned)
    for draft in difference.marked(drafts) {
      let record = ActionRecord(
        id: Int64(actions.count + 1), at: at, actor: request.actor, action: draft.action,
        instance: draft.instance, reason: draft.reason, result: draft.result,
        delivered: draft.delivered)
      actions.append(record)
      commit.actions.append(record)
    }
    writes += 1
    ownWrites[node, default: 0] += 1
    if let key { requests[key] = commit }
    return commit
  }

  private func keep(_ difference: RegistryDifference, _ mutation: Mutation) {
    contents = difference.contents
    versions[contents.revision] = contents
    for id in difference.concerned {
      documents[id, default: [:]][contents.revision] = contents.desiredState(of: id)
    }
    if case .drain(let ids, _, _) = mutation {
      for id in ids { drains[id, default: []].append(contents.revision) }
    }
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

  /// The last actions, newest first.
  var lastActions: [ActionRecord] {
    Array(actions.suffix(ClusterSnapshot.actionsKept).reversed())
  }
}
