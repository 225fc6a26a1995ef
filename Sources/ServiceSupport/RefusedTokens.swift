package import ClusterAPI
internal import ClusterModel
package import Logging
internal import Synchronization

/// How many refused tokens an address may send before it must wait.
///
/// Nobody can guess 256 random bits; the limit only reduces noise. So valid tokens are never
/// limited here, and the limit is high: sixty users behind one terminal server whose tokens were
/// all revoked try less often than `perSecond`, and always get the reason. Each address has `most`
/// tries, and gets `perSecond` of them back each second.
package struct RefusalLimiter: Equatable, Sendable {
  package static let most: Int64 = 200
  package static let perSecond: Int64 = 20
  /// The most addresses that are remembered, so that the memory stays bounded.
  package static let mostAddresses = 4_096

  /// When each address will have all its tries again, in monotonic milliseconds.
  private var restedAt: [String: Int64] = [:]

  private static let millisecondsPerTry = 1_000 / perSecond
  private static let longest = most * millisecondsPerTry

  package init() {}

  package var addressCount: Int { restedAt.count }

  /// What to answer to a refused token.
  package enum Verdict: Equatable, Sendable {
    /// Give the reason.
    case tell
    /// Ask the client to wait this many seconds.
    case wait(seconds: Int)
  }

  /// Counts a refused token from this address.
  package mutating func refused(_ address: String, now: Int64) -> Verdict {
    let rested = restedAt[address].map { max($0, now) } ?? now
    let next = rested + Self.millisecondsPerTry
    guard next - now <= Self.longest else {
      // A token that is refused now costs no try: one more try comes back after a second.
      return .wait(seconds: 1)
    }
    if restedAt[address] == nil, restedAt.count >= Self.mostAddresses { makeRoom(now: now) }
    restedAt[address] = next
    return .tell
  }

  /// Forgets all addresses that have all their tries; if there is none, the one that is nearest to
  /// it.
  private mutating func makeRoom(now: Int64) {
    restedAt = restedAt.filter { $0.value > now }
    guard restedAt.count >= Self.mostAddresses else { return }
    let kept = restedAt.sorted { $0.value > $1.value }.prefix(Self.mostAddresses * 3 / 4)
    restedAt = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
  }
}

/// The refused tokens of a daemon.
package final class RefusedTokens: Sendable {
  private let limiter = Mutex(RefusalLimiter())
  private let logger: Logger

  package init(logger: Logger) {
    self.logger = logger
  }

  /// The problem that answers a refused token, `unauthorized`: the reason, or that there were too
  /// many.
  package func problem(_ reason: String, from context: ServiceContext) -> Problem {
    problem(Problem(.unauthorized, reason), from: context)
  }

  /// The same, in the words of another refusal.
  package func problem(_ reason: Problem, from context: ServiceContext) -> Problem {
    let address = context.peer.network.description
    let now = SystemClock.monotonicMilliseconds
    switch limiter.withLock({ $0.refused(address, now: now) }) {
    case .tell:
      // Never log the token.
      logger.notice(
        "A token was refused",
        metadata: ["from": "\(address)", "reason": "\(PlainText.cleaned(reason.detail))"])
      return reason
    case .wait(let seconds):
      return Problem(
        .tooMany, "Too many tokens from this address were refused. The last one: \(reason.detail)",
        retryAfterSeconds: seconds)
    }
  }
}
