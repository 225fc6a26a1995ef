package import ClusterModel

/// The contents of a balancer's token, after an instance has verified it.
package struct BalancerToken: Hashable, Sendable {
  /// The balancer that made it.
  package var balancer: InstanceID
  /// The name of the token, which an instance accepts once. Nil from a balancer of an older
  /// release; such a token counts each time.
  package var id: String?
  /// When the token expires, by the instance's clock.
  package var endsAt: Timestamp

  /// The time from issue to expiry. A balancer makes a new token for each request.
  package static let lifetimeSeconds: Int64 = 60
  /// The largest difference allowed between the clocks of a balancer and an instance.
  package static let skewSeconds: Int64 = 30
  /// The most bytes of a name.
  static let longestID = 64

  /// A name that no other token has: 128 random bits.
  package static func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    let halves = (0..<2).map { _ in String(generator.next(), radix: 36) }
    return halves.joined(separator: "-")
  }
}
