internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Hummingbird
internal import Registry
internal import ServiceSupport
internal import Synchronization

/// The routes of the cluster's signing key.
struct KeyRoutes: Sendable {
  let core: BalancerCore
  let access: RegistryAccess

  /// How long the answer waits for instances to follow, in milliseconds. The answer names those
  /// that do not; they are led as soon as they can be reached.
  private static let followingMilliseconds: Int64 = 3_000

  var all: [ServiceRoute] {
    [
      ServiceRoute(.get, "/v1/cluster-key", .viewer) { _, _ in
        let cluster = try core.read { balancer, _ in balancer.contents.cluster }
        return try Response(
          json: ClusterKeyAnswer(
            cluster: cluster, publicKey: try access.opened().keys.current.publicKey.text))
      },
      ServiceRoute(.post, "/v1/cluster-key", .localOnly, knows: .operators("dryRun")) {
        try await rotate($0, $1)
      },
    ].map(\.noting)
  }

  private func rotate(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let opened = try access.opened()
    guard try !request.flag("dryRun") else {
      return try answer(try opened.keys.current.publicKey, followers: reachable())
    }
    try await replace(opened, key: try request.key(context), actor: await context.actor())
    return try answer(
      try opened.keys.current.publicKey, followers: await followers(opened.keeper.delivery))
  }

  /// Makes the current key sign the step to a new one, and puts the new one into force.
  private func replace(
    _ opened: OpenedRegistry, key: RequestKey?, actor: ActionActor
  ) async throws {
    let (old, new) = (try opened.keys.current, ClusterKey())
    let (cluster, epoch) = try core.read { balancer, _ in
      (balancer.contents.cluster, balancer.contents.epoch)
    }
    let at = SystemClock.now
    let document = try await old.sign(
      successor: new.publicKey, cluster: cluster, epoch: epoch, at: at)
    let pair = (old: old.pair, new: new.pair)
    do {
      let commit = try await opened.registry.change(key, at: at, actor: actor) { contents in
        [try contents.replaceKey(pair.old, by: pair.new, document: document, at: at)]
      }
      core.committed(commit)
    } catch KeyRefusal.replacedMeanwhile {
      throw Problem(
        .notReady, "Another operator replaced the key a moment ago; this request changed nothing.")
    } catch {
      throw MutationRunner.problem(error)
    }
  }

  private func answer(
    _ key: ClusterPublicKey, followers: [KeyRotationAnswer.Follower]
  ) throws -> Response {
    let cluster = try core.read { balancer, _ in balancer.contents.cluster }
    return try Response(
      json: KeyRotationAnswer(
        cluster: cluster, publicKey: key.text, instances: followers.sorted { $0.id < $1.id }))
  }

  /// The instances that could follow now.
  private func reachable() throws -> [KeyRotationAnswer.Follower] {
    let snapshot = try core.snapshot()
    return snapshot.instances.filter { !$0.role.isLoadBalancer }.map { instance in
      let isReached = instance.health == .alive
      return KeyRotationAnswer.Follower(
        id: instance.id, follows: isReached,
        reason: isReached ? nil : instance.healthReason ?? "it is \(instance.state.name)")
    }
  }

  /// Leads all instances, and reports which of them follow in time.
  private func followers(
    _ delivery: KeyDelivery
  ) async throws -> [KeyRotationAnswer.Follower] {
    let log = FollowerLog()
    _ = await BoundedWait.result(milliseconds: Self.followingMilliseconds) {
      await delivery.leadAll { log.note($0, $1) }
    }
    let members = try core.read { balancer, _ in balancer.contents.members }
    return members.filter { !$0.role.isLoadBalancer }.map { log.follower($0.id) }
  }
}

/// The answers of instances, as they arrive.
private final class FollowerLog: Sendable {
  private let reasons = Mutex<[InstanceID: String?]>([:])

  func note(_ id: InstanceID, _ reason: String?) {
    reasons.withLock { $0[id] = .some(reason) }
  }

  func follower(_ id: InstanceID) -> KeyRotationAnswer.Follower {
    let reason = reasons.withLock { $0[id] ?? "it has not answered yet" }
    return KeyRotationAnswer.Follower(id: id, follows: reason == nil, reason: reason)
  }
}

extension ClusterKey {
  fileprivate var pair: (seed: SigningSeed, publicKey: String) { (signingSeed, publicKey.text) }
}
