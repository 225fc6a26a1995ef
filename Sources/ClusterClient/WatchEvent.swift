internal import ClusterAPI
public import ClusterModel

/// What a watcher of a cluster reports.
public enum WatchEvent: Equatable, Sendable {
  case connecting(Endpoint)
  /// The feed is open. Either a snapshot follows, or the feed continues where it was lost.
  case connected(Endpoint)
  case snapshot(ClusterSnapshot)
  /// A change, which follows the last snapshot or change without a gap.
  case change(ClusterChange)
  case action(ActionRecord)
  case event(ClusterEvent)
  /// The feed is lost. The last snapshot stays on the screen; the next try is in this many
  /// milliseconds, 0 for at once.
  case lost(Endpoint, ClientFailure, retryInMilliseconds: Int64)
}

/// The limits of a watcher, in milliseconds.
public struct WatchLimits: Equatable, Sendable {
  /// A balancer sends a heartbeat every 5 s.
  public var silence: Int64
  /// For the head of the feed.
  public var answer: Int64
  /// The shortest wait before the next try.
  public var firstRetry: Int64
  /// The longest wait before the next try.
  public var mostRetry: Int64

  public init(
    silence: Int64 = 12_000, answer: Int64 = 5_000, firstRetry: Int64 = 250,
    mostRetry: Int64 = 5_000
  ) {
    self.silence = silence
    self.answer = answer
    self.firstRetry = firstRetry
    self.mostRetry = mostRetry
  }
}

/// The position of a reader in the feed of one balancer process, and what may come next.
struct FeedCursor: Equatable, Sendable {
  private(set) var position: FeedPosition?

  /// The value of `Last-Event-ID`; nil asks for a snapshot.
  var lastEventID: String? { position?.description }

  /// Makes the reader ask for a snapshot next.
  mutating func forget() { position = nil }

  /// The meaning of one event; nil for one that says nothing new.
  ///
  /// - Throws: `malformed` for a text that no balancer writes and for a gap. A snapshot repairs
  ///   both.
  mutating func read(_ event: ServerSentEvent) throws(ClientFailure) -> WatchEvent? {
    switch event.name {
    case FeedEventName.snapshot:
      let snapshot: ClusterSnapshot = try event.decoded()
      guard let place = event.id.flatMap(FeedPosition.init) else {
        throw .malformed("a snapshot has no usable id")
      }
      position = place
      return .snapshot(snapshot)
    case FeedEventName.change:
      let change: ClusterChange = try event.decoded()
      return try advance(to: change, id: event.id) ? .change(change) : nil
    case FeedEventName.action:
      return .action(try event.decoded())
    case FeedEventName.event:
      return .event(try event.decoded())
    default:
      return nil  // of a later release
    }
  }

  /// Whether the change is the next one; false for one that is known already.
  private mutating func advance(
    to change: ClusterChange, id: String?
  ) throws(ClientFailure) -> Bool {
    guard let last = position else { throw .malformed("a change came before a snapshot") }
    guard let place = id.flatMap(FeedPosition.init) else {
      throw .malformed("a change has no usable id")
    }
    guard place.epoch == last.epoch else {
      throw .malformed("the feed goes on in another epoch")
    }
    guard place.sequence == change.sequence else {
      throw .malformed("the id of a change differs from its sequence")
    }
    if change.sequence <= last.sequence { return false }
    guard change.sequence - last.sequence == 1 else {
      throw .malformed("changes \(last.sequence + 1) to \(change.sequence - 1) are missing")
    }
    position = place
    return true
  }
}

/// The names of the events of the status feed.
enum FeedEventName {
  static let snapshot = "snapshot"
  static let change = "change"
  static let action = "action"
  static let event = "event"
}
