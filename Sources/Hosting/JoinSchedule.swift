/// Decides when an instance asks which balancer to join.
///
/// It tries the endpoints in turn, without end. After an answer the instance repeats its join every
/// 30 s, and sooner while no balancer reads the load feed, since its balancer may have forgotten
/// it.
package struct JoinSchedule: Sendable {
  /// The pause after all endpoints have failed once. It doubles up to the longest one.
  package static let shortestPauseMilliseconds: Int64 = 250
  package static let longestPauseMilliseconds: Int64 = 5_000
  /// The time from an answer to the next join while a balancer reads the load feed.
  package static let repeatMilliseconds: Int64 = 30_000
  /// The same while none does. It doubles up to `repeatMilliseconds`.
  package static let lonelyMilliseconds: Int64 = 3_000

  private let endpointCount: Int
  private var failures = 0
  private var lonelyJoins = 0
  private var answeredAt: Int64?
  private var failedUntil: Int64?
  /// Since when no balancer reads; nil while one does.
  private var lonelySince: Int64?

  /// The index of the endpoint to ask next.
  package private(set) var endpoint = 0

  /// - Parameters:
  ///   - endpointCount: Above 0.
  ///   - now: Monotonic milliseconds, as everywhere here.
  package init(endpointCount: Int, now: Int64) {
    self.endpointCount = endpointCount
    lonelySince = now
  }

  /// When to join next. A time in the past means at once.
  package var dueAt: Int64 {
    if let failedUntil { return failedUntil }
    guard let answeredAt else { return 0 }
    guard let lonelySince else { return answeredAt + Self.repeatMilliseconds }
    let pause = min(Self.lonelyMilliseconds << min(lonelyJoins, 8), Self.repeatMilliseconds)
    return min(max(answeredAt, lonelySince) + pause, answeredAt + Self.repeatMilliseconds)
  }

  /// The endpoint did not answer, or with an error: the next one follows.
  ///
  /// - Parameter jitter: 0 to 1, random. It separates instances that lost the same balancer.
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

  /// The endpoint answered, so it stays the one to ask.
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

  /// A balancer belongs to a registry that this instance does not know: ask at once.
  package mutating func hurry() {
    guard failedUntil == nil else { return }
    answeredAt = nil
  }
}
