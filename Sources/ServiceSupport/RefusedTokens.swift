package import ClusterAPI
internal import ClusterModel
package import Logging
internal import Synchronization

/// How many refused tokens an address may show before it is told to wait.
///
/// Nobody guesses 256 random bits; what is limited is noise. Hence a token that holds is never
/// asked about here, and the limit is wide: sixty users behind one terminal server whose tokens
/// were all revoked try less often than `perSecond`, and are told so for ever. Each address has
/// `most` tries, and gets `perSecond` of them back each second.
package struct RefusalLimiter: Equatable, Sendable {
  package static let most: Int64 = 200
  package static let perSecond: Int64 = 20
  /// Most addresses that are remembered, so that the memory stays bounded whoever comes.
  package static let mostAddresses = 4_096

  /// When each address has all its tries again, in monotonic milliseconds.
  private var restedAt: [String: Int64] = [:]

  private static let millisecondsPerTry = 1_000 / perSecond
  private static let longest = most * millisecondsPerTry

  package init() {}

  package var addressCount: Int { restedAt.count }

  /// What a try means.
  package enum Verdict: Equatable, Sendable {
    /// One more refusal is told.
    case tell
    /// Wait for so many seconds.
    case wait(seconds: Int)
  }

  /// A token from this address was refused.
  package mutating func refused(_ address: String, now: Int64) -> Verdict {
    let rested = restedAt[address].map { max($0, now) } ?? now
    let next = rested + Self.millisecondsPerTry
    guard next - now <= Self.longest else {
      // What is refused now costs nothing more: it can always try again when one try is back.
      return .wait(seconds: 1)
    }
    if restedAt[address] == nil, restedAt.count >= Self.mostAddresses { makeRoom(now: now) }
    restedAt[address] = next
    return .tell
  }

  /// Forgets everybody at rest; where nobody is, whoever is nearest to it.
  private mutating func makeRoom(now: Int64) {
    restedAt = restedAt.filter { $0.value > now }
    guard restedAt.count >= Self.mostAddresses else { return }
    let kept = restedAt.sorted { $0.value > $1.value }.prefix(Self.mostAddresses * 3 / 4)
    restedAt = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
  }
}

/// Which refusals are worth a line in the log: one a minute for each address and reason, however
/// often a balancer whose clock or key does not fit tries again.
package struct RefusalLog: Equatable, Sendable {
  package static let pauseMilliseconds: Int64 = 60_000
  /// Most lines that are remembered, so that the memory stays bounded whoever comes.
  package static let mostLines = 4_096

  private struct Line: Hashable {
    let address: String
    let reason: String
  }

  /// When each line was written last, in monotonic milliseconds.
  private var writtenAt: [Line: Int64] = [:]

  package init() {}

  package var lineCount: Int { writtenAt.count }

  /// Whether a refusal is to be written down now.
  ///
  /// - Parameter reason: Its numbers do not count: a clock that is set meanwhile is no news.
  package mutating func isDue(_ address: String, _ reason: String, now: Int64) -> Bool {
    let line = Line(address: address, reason: reason.filter { !$0.isNumber })
    if let last = writtenAt[line], now - last < Self.pauseMilliseconds { return false }
    if writtenAt[line] == nil, writtenAt.count >= Self.mostLines {
      writtenAt = writtenAt.filter { now - $0.value < Self.pauseMilliseconds }
      // So many in one minute are a flood, and told of already.
      guard writtenAt.count < Self.mostLines else { return false }
    }
    writtenAt[line] = now
    return true
  }
}

/// The refused tokens of a daemon.
package final class RefusedTokens: Sendable {
  private let limiter = Mutex(RefusalLimiter())
  private let log = Mutex(RefusalLog())
  private let logger: Logger

  package init(logger: Logger) {
    self.logger = logger
  }

  /// The problem that a refused token is answered with: the reason, or that there were too many.
  package func problem(_ reason: Problem, from context: ServiceContext) -> Problem {
    let address = context.peer.limitKey
    let now = SystemClock.monotonicMilliseconds
    switch limiter.withLock({ $0.refused(address, now: now) }) {
    case .tell:
      // Never what was shown.
      if log.withLock({ $0.isDue(address, reason.detail, now: now) }) {
        logger.notice(
          "A token was refused",
          metadata: ["from": "\(address)", "reason": "\(PlainText.cleaned(reason.detail))"])
      }
      return reason
    case .wait(let seconds):
      return Problem(
        .tooMany, "Too many tokens from this address were refused. The last one: \(reason.detail)",
        retryAfterSeconds: seconds)
    }
  }
}
