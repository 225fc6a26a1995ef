/// When an instance asks which balancer to let it join.
///
/// Endpoints are tried in turn, forever. After an answer the join is repeated every 30 s, and
/// sooner while no balancer reads the load feed: its balancer may have forgotten it.
package struct JoinSchedule: Sendable {
  /// Pause after all endpoints failed once; doubles up to the longest.
  package static let shortestPauseMilliseconds: Int64 = 250
  package static let longestPauseMilliseconds: Int64 = 5_000
  /// From an answer to the next join while a balancer reads the load feed.
  package static let repeatMilliseconds: Int64 = 30_000
  /// The same while none does; doubles up to `repeatMilliseconds`.
  package static let lonelyMilliseconds: Int64 = 3_000

  private let endpointCount: Int
  private var failures = 0
  private var lonelyJoins = 0
  private var answeredAt: Int64?
  private var failedUntil: Int64?
  /// Since when no balancer reads; nil while one does.
  private var lonelySince: Int64?

  /// Which endpoint to ask next: its place in the list.
  package private(set) var endpoint = 0

  /// - Parameters:
  ///   - endpointCount: Above 0.
  ///   - now: Monotonic milliseconds, as everywhere here.
  package init(endpointCount: Int, now: Int64) {
    self.endpointCount = endpointCount
    lonelySince = now
  }

  /// When to join next. In the past means at once.
  package var dueAt: Int64 {
    if let failedUntil { return failedUntil }
    guard let answeredAt else { return 0 }
    guard let lonelySince else { return answeredAt + Self.repeatMilliseconds }
    let pause = min(Self.lonelyMilliseconds << min(lonelyJoins, 8), Self.repeatMilliseconds)
    return min(max(answeredAt, lonelySince) + pause, answeredAt + Self.repeatMilliseconds)
  }

  /// The endpoint did not answer, or with an error: the next one's turn.
  ///
  /// - Parameter jitter: 0 to 1, random: keeps instances that lost the same balancer apart.
  package mutating func failed(now: Int64, jitter: Double) {
    failures += 1
    endpoint = (endpoint + 1) % endpointCount
    guard failures % endpointCount == 0 else {
      failedUntil = now
      return
    }
    let rounds = failures / endpointCount - 1
    let pause = min(
      Self.shortestPauseMilliseconds << min(rounds, 16), Self.longestPauseMilliseconds)
    failedUntil = now + pause / 2 + Int64(Double(pause / 2) * min(max(jitter, 0), 1))
  }

  /// The endpoint answered: it stays the one to ask.
  package mutating func answered(now: Int64) {
    if answeredAt != nil, lonelySince != nil { lonelyJoins += 1 }
    failures = 0
    failedUntil = nil
    answeredAt = now
  }

  /// How many balancers read the load feed now.
  package mutating func readersChanged(to count: Int, now: Int64) {
    if count > 0 {
      lonelySince = nil
      lonelyJoins = 0
    } else if lonelySince == nil {
      lonelySince = now
    }
  }

  /// A balancer speaks for a registry that this instance does not know: ask at once.
  package mutating func hurry() {
    guard failedUntil == nil else { return }
    answeredAt = nil
  }
}
