internal import ClusterModel
internal import Dashboard

/// Loads and places of the minutes up to what a player shows. It holds more than is shown, so
/// that steps back find them without reading the minutes before again.
struct PlayerTrend: Sendable {
  /// How far back the sparklines reach.
  static let shownMilliseconds = Int64(LoadTrends.length) * LoadTrends.stepMilliseconds
  /// How far back of a time it is to be read.
  static let readMilliseconds = shownMilliseconds + shownMilliseconds / 2
  private static let length = 3 * LoadTrends.length

  private var history = LoadTrends(length: PlayerTrend.length, keepsGone: true)
  /// Milliseconds since when it holds what the recording holds; nil before the first picture.
  private var from: Int64?
  /// The part that is shown, and the newest value when it was taken.
  private var recent: (at: Int64?, history: LoadTrends) = (nil, LoadTrends())

  /// Takes in what held until a time.
  ///
  /// - Parameter isKnown: False for a time that is not in the recording.
  mutating func sample(_ snapshot: ClusterSnapshot, until time: Timestamp, isKnown: Bool = true) {
    if from == nil { from = time.milliseconds }
    history.sample(
      snapshot.instances, list: snapshot.handshakeList, at: time.milliseconds, isLive: isKnown)
  }

  /// Puts what the balancer kept in front of what was recorded.
  mutating func fill(from older: BalancerHistory) {
    history.fill(from: older)
    recent.at = nil
  }

  /// It holds all there is to show at a time, where it goes on from a picture before that.
  func reaches(_ time: Timestamp, from picture: Timestamp, ofRecordingFrom first: Timestamp) -> Bool
  {
    guard let from, let newest = history.newestAt else { return false }
    let oldest = max(from, newest - Int64(Self.length - 1) * LoadTrends.stepMilliseconds)
    let wanted = max(time.milliseconds - Self.shownMilliseconds, first.milliseconds)
    return oldest <= wanted && picture.milliseconds <= newest + LoadTrends.stepMilliseconds
  }

  /// Forgets what came after a time.
  mutating func cut(after time: Timestamp) {
    guard let newest = history.newestAt, newest > time.milliseconds else { return }
    history.cut(after: time.milliseconds)
    recent.at = nil
  }

  /// What the sparklines show.
  mutating func shown(_ snapshot: ClusterSnapshot) -> LoadTrends {
    if recent.at == nil || recent.at != history.newestAt {
      recent = (history.newestAt, history.recent(of: snapshot.instances))
    }
    return recent.history
  }
}
