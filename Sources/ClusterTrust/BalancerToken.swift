package import ClusterModel

/// A balancer's token, as the instance that trusts it reads it.
package struct BalancerToken: Hashable, Sendable {
  /// The balancer that made it.
  package var balancer: InstanceID
  /// Its name: an instance takes it once. Nil from a balancer of an older release, whose tokens
  /// count as often as they are shown.
  package var id: String?
  /// From then on no instance takes it any more, by the instance's clock.
  package var endsAt: Timestamp

  /// From issue to expiry. A balancer makes a new one for each request.
  package static let lifetimeSeconds: Int64 = 60
  /// How far the clocks of a balancer and an instance may be apart.
  package static let skewSeconds: Int64 = 30
  /// Most bytes of a name.
  static let longestID = 64

  /// A name that no other token has: 128 random bits.
  package static func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    let halves = (0..<2).map { _ in String(generator.next(), radix: 36) }
    return halves.joined(separator: "-")
  }
}
