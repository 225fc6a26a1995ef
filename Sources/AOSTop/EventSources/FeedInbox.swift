internal import ClusterClient
internal import Dashboard
internal import Recordings

/// What waits for the loop of the screen. However long that is busy, nothing is lost and the
/// memory stays bounded: what is too much is folded into the snapshot that it adds up to.
struct FeedInbox: Equatable, Sendable {
  /// Most changes that wait one by one.
  static let longest = 64

  private var waiting: [Event] = []
  /// The cluster after everything that ever came: for all that keep it, and not for the screen,
  /// whose own stands still while it is drawn.
  private var feed = FollowedFeed()
  /// The balancer whose feed was opened last: changes go to the one that is on the screen.
  private(set) var endpoint: Endpoint?

  /// - Parameters:
  ///   - opened: The balancer whose feed is open from now on, with `.live`.
  ///   - now: Monotonic milliseconds.
  /// - Returns: What there is to keep of it.
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

  /// Everything that waits, in order.
  mutating func takeAll() -> [Event] {
    defer { waiting.removeAll(keepingCapacity: true) }
    return waiting
  }

  /// Keeps the last word of each kind, and every answer. The snapshot stands after a connection
  /// that was opened and before one that was lost, as it came.
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
