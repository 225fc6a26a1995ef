internal import Balancing
internal import ClusterModel
internal import Synchronization

/// The refused joins that were logged: each id and token once, however often it is tried.
final class RefusedJoins: Sendable {
  private struct Try: Hashable {
    let id: InstanceID
    let token: String
  }

  private struct State {
    /// When each was logged, as a number that rises.
    var told: [Try: Int] = [:]
    var last = 0
  }

  /// The most that are remembered, so that the memory stays bounded.
  private let most: Int
  private let state = Mutex(State())

  init(most: Int = 10_000) {
    self.most = most
  }

  /// Whether the log needs a line for this refusal. If there are too many, the oldest are forgotten
  /// and get another line.
  func isNews(_ id: InstanceID, _ asker: InstanceOwner) -> Bool {
    let refused = Try(id: id, token: asker.text)
    return state.withLock { state in
      guard state.told[refused] == nil else { return false }
      state.last += 1
      state.told[refused] = state.last
      if state.told.count > most {
        // A quarter is dropped at once, so that only few refusals must search for the oldest.
        let kept = state.told.sorted { $0.value > $1.value }.prefix(max(1, most * 3 / 4))
        state.told = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
      }
      return true
    }
  }

  /// The token may join it now, so the next refusal is news.
  func forget(_ id: InstanceID, _ asker: InstanceOwner) {
    state.withLock { _ = $0.told.removeValue(forKey: Try(id: id, token: asker.text)) }
  }
}
