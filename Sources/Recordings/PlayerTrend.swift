internal import ClusterModel
internal import Dashboard

/// The loads and places of the minutes before the time that a player shows. It keeps more than is
/// shown, so that steps back need not read those minutes again.
struct PlayerTrend: Sendable {
  /// How far back the sparklines reach.
  static let shownMilliseconds = Int64(LoadTrends.length) * LoadTrends.stepMilliseconds
  /// How far back of a time it should read.
  static let readMilliseconds = shownMilliseconds + shownMilliseconds / 2
  private static let length = 3 * LoadTrends.length

  private var history = LoadTrends(length: PlayerTrend.length, keepsGone: true)
  /// The time since which it has everything in the recording, in milliseconds; nil before the first
  /// picture.
  private var from: Int64?
  /// The part that is shown, and the newest value at that time.
  private var recent: (at: Int64?, history: LoadTrends) = (nil, LoadTrends())

  /// Takes the values up to a time.
  ///
  /// - Parameter isKnown: False for a time that is not in the recording.
  mutating func sample(_ snapshot: ClusterSnapshot, until time: Timestamp, isKnown: Bool = true) {
    if from == nil { from = time.milliseconds }
    history.sample(
      snapshot.instances, list: snapshot.handshakeList, at: time.milliseconds, isLive: isKnown)
  }

  /// Puts the values that the balancer kept before those of the recording.
  mutating func fill(from older: BalancerHistory) {
    history.fill(from: older)
    recent.at = nil
  }

  /// Whether it has all values to show at a time, if it continues from a picture before that.
  func reaches(_ time: Timestamp, from picture: Timestamp, ofRecordingFrom first: Timestamp) -> Bool
  {
    guard let from, let newest = history.newestAt else { return false }
    let oldest = max(from, newest - Int64(Self.length - 1) * LoadTrends.stepMilliseconds)
    let wanted = max(time.milliseconds - Self.shownMilliseconds, first.milliseconds)
    return oldest <= wanted && picture.milliseconds <= newest + LoadTrends.stepMilliseconds
  }

  /// Forgets the values after a time.
  mutating func cut(after time: Timestamp) {
    guard let newest = history.newestAt, newest > time.milliseconds else { return }
    history.cut(after: time.milliseconds)
    recent.at = nil
  }

  /// The values for the sparklines.
  mutating func shown(_ snapshot: ClusterSnapshot) -> LoadTrends {
    if recent.at == nil || recent.at != history.newestAt {
      recent = (history.newestAt, history.recent(of: snapshot.instances))
    }
    return recent.history
  }
}
