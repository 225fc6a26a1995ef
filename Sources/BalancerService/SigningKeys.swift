internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Synchronization

/// The key with which this balancer signs: always that of the registry as the balancer knows it.
final class SigningKeys: Sendable {
  private let core: BalancerCore
  private let last = Mutex<(seed: SigningSeed, key: ClusterKey)?>(nil)

  init(core: BalancerCore) { self.core = core }

  /// - Throws: `Problem`, `registry-unavailable`, before the registry was read.
  var current: ClusterKey {
    get throws {
      let seed = try core.read { balancer, _ in balancer.contents.signingSeed }
      guard let seed else { throw Problem(.registryUnavailable, "The registry holds no key.") }
      return try last.withLock { last in
        if let last, last.seed == seed { return last.key }
        let key = try ClusterKey(seedBytes: seed.bytes)
        last = (seed, key)
        return key
      }
    }
  }

  /// The keys that verify documents: the current one, then the earlier ones, newest first. Empty
  /// before the registry was read.
  var publicKeys: [ClusterPublicKey] {
    guard let current = try? current.publicKey else { return [] }
    let rotations = (try? core.read { balancer, _ in balancer.contents.rotations }) ?? []
    return [current] + rotations.reversed().compactMap { try? ClusterPublicKey($0.from) }
  }

  /// The steps to the current key; nil where it never changed.
  var steps: [KeyStep]? {
    let rotations = (try? core.read { balancer, _ in balancer.contents.rotations }) ?? []
    return rotations.isEmpty ? nil : rotations.map(KeyStep.init)
  }
}
