internal import ClusterClient
internal import Dashboard
internal import Recordings

/// The events that wait for the loop of the screen. However long the loop is busy, nothing is lost
/// and the memory stays bounded: too many changes are combined into one snapshot.
struct FeedInbox: Equatable, Sendable {
  /// The most changes that wait separately.
  static let longest = 64

  private var waiting: [Event] = []
  /// The cluster after all events. This is for recording; the screen has its own copy, which does
  /// not change while it is drawn.
  private var feed = FollowedFeed()
  /// The balancer whose feed was opened last. Changes are sent to the balancer on the screen.
  private(set) var endpoint: Endpoint?

  /// - Parameters:
  ///   - opened: The balancer whose feed has just been opened, with `.live`.
  ///   - now: Monotonic milliseconds.
  /// - Returns: What to record of it.
  @discardableResult
  mutating func add(
    _ event: Event, from opened: Endpoint? = nil, at now: Int64 = 0
  ) -> FollowedFeed.News? {
    endpoint = opened ?? endpoint
    let news = feed.follow(event, at: now)
    waiting.append(event)
    if waiting.count > Self.longest { fold() }
    return news
  }

  /// All waiting events, in order.
  mutating func takeAll() -> [Event] {
    defer { waiting.removeAll(keepingCapacity: true) }
    return waiting
  }

  /// Keeps the last event of each kind, and every answer. As before, the snapshot comes after a
  /// connection was opened and before one was lost.
  private mutating func fold() {
    var connection: Event?
    var history: Event?
    var recording: Event?
    var access: Event?
    var rest: [Event] = []
    for event in waiting {
      switch event {
      case .connecting, .live, .lost: connection = event
      case .history: history = event
      case .recording: recording = event
      case .access: access = event
      case .snapshot, .change, .action, .event: break
      default: rest.append(event)
      }
    }
    let picture = [feed.latest.map(Event.snapshot), history, recording, access].compactMap { $0 }
    if case .live? = connection {
      waiting = [connection].compactMap { $0 } + picture + rest
    } else {
      waiting = picture + [connection].compactMap { $0 } + rest
    }
  }
}
