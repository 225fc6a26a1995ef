package import Dashboard

/// The past of a session as an operator looks at it, while recording continues.
package struct LookBack: Sendable {
  package let past: SessionPast
  private var player: Player?

  package init(_ past: SessionPast) {
    self.past = past
  }

  /// Carries out the operator's command.
  ///
  /// - Parameter now: Monotonic milliseconds.
  /// - Returns: Nil where nothing is recorded.
  package mutating func seek(_ wish: Seek, at now: Int64) -> PastPicture? {
    guard let recording = past.recording else { return nil }
    player = player ?? Player(following: recording)
    player?.follow(recording)
    return player?.seek(wish, at: now)
  }
}
