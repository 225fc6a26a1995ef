internal import Balancing
internal import ClusterAPI
internal import ServiceSupport
internal import Synchronization

/// Counts what one feed may still send, for the socket and for the reader.
final class FeedMeter: Sendable {
  private let budget: Mutex<FeedBudget>

  init(_ budget: FeedBudget = FeedBudget()) { self.budget = Mutex(budget) }

  /// - Returns: False when the feed has sent more than it may.
  func spend(bytes: Int) -> Bool {
    budget.withLock { $0.spend(bytes: bytes, now: SystemClock.monotonicMilliseconds) }
  }

  /// - Returns: False when the feed has sent more than it may.
  func spend(_ item: ServerSentEventParser.Item) -> Bool {
    let name: String? = if case .event(let event) = item { event.name } else { nil }
    return budget.withLock {
      $0.spend(eventNamed: name, now: SystemClock.monotonicMilliseconds)
    }
  }
}
