internal import ClusterAPI
internal import ClusterModel
internal import Synchronization

/// The sessions and maximums of the last hour, for each server and for the cluster, in steps of ten
/// seconds, so that a dashboard starts with full charts. 8 bytes for each value: under 3 MiB for
/// 1,000 instances; 16 KiB for the cluster.
final class LoadHistoryKeeper: Sendable {
  static let stepSeconds = 10
  static let longestMinutes = 60
  private static let longest = longestMinutes * 60 / stepSeconds

  private struct Sample {
    let connected: UInt32
    let maximum: UInt32
  }

  private struct State {
    var samples: [InstanceID: [Sample]] = [:]
    var cluster: [ClusterSample] = []
    /// When the last value was taken.
    var at: Timestamp?
  }

  private let state: Mutex<State>

  /// - Parameter earlier: The history before; nil: unknown.
  init(_ earlier: LoadHistory? = nil) {
    var state = State()
    if let earlier, earlier.step == Self.stepSeconds {
      state.at = earlier.at
      state.cluster = Array(earlier.cluster.suffix(Self.longest))
      for (name, values) in earlier.instances {
        guard let id = try? InstanceID(name) else { continue }
        state.samples[id] = values.suffix(Self.longest).filter { $0.count == 2 }.map {
          Sample(connected: UInt32(clamping: $0[0]), maximum: UInt32(clamping: $0[1]))
        }
      }
    }
    self.state = Mutex(state)
  }

  /// Takes one value of every server and of the cluster. Call it every ten seconds.
  func sample(_ snapshot: ClusterSnapshot) {
    state.withLock { state in
      state.at = snapshot.at
      if state.cluster.count == Self.longest { state.cluster.removeFirst() }
      state.cluster.append(ClusterSample(snapshot))
      var kept: [InstanceID: [Sample]] = [:]
      for instance in snapshot.instances where !instance.role.isLoadBalancer {
        var series = state.samples.removeValue(forKey: instance.id) ?? []
        if series.count == Self.longest { series.removeFirst() }
        series.append(
          Sample(
            connected: UInt32(clamping: instance.load.connected),
            maximum: UInt32(clamping: instance.load.maximum)))
        kept[instance.id] = series
      }
      state.samples = kept
    }
  }

  /// The last minutes, oldest first.
  ///
  /// - Parameter isOfCluster: Only the cluster, without its servers.
  func history(minutes: Int, isOfCluster: Bool = false) -> LoadHistory {
    let count = minutes * 60 / Self.stepSeconds
    return state.withLock { state in
      var instances: [String: [[Int]]] = [:]
      for (id, samples) in isOfCluster ? [:] : state.samples {
        instances[id.text] = samples.suffix(count).map { [Int($0.connected), Int($0.maximum)] }
      }
      return LoadHistory(
        step: Self.stepSeconds, at: state.at, instances: instances,
        cluster: Array(state.cluster.suffix(count)))
    }
  }
}
