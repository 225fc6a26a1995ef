internal import ClusterAPI
internal import ClusterModel
internal import Synchronization

/// What was connected and allowed in the last hour, in steps of ten seconds, so that a dashboard
/// opens with its charts full. 8 bytes a value: under 3 MiB for 1,000 instances.
final class LoadHistoryKeeper: Sendable {
  static let stepSeconds = 10
  static let longestMinutes = 60
  private static let longest = longestMinutes * 60 / stepSeconds

  private struct Sample {
    let connected: UInt32
    let maximum: UInt32
  }

  private let samples = Mutex<[InstanceID: [Sample]]>([:])

  /// Takes one value of every server. Called every ten seconds.
  func sample(_ snapshot: ClusterSnapshot) {
    samples.withLock { samples in
      var kept: [InstanceID: [Sample]] = [:]
      for instance in snapshot.instances where !instance.role.isLoadBalancer {
        var series = samples.removeValue(forKey: instance.id) ?? []
        if series.count == Self.longest { series.removeFirst() }
        series.append(
          Sample(
            connected: UInt32(clamping: instance.load.connected),
            maximum: UInt32(clamping: instance.load.maximum)))
        kept[instance.id] = series
      }
      samples = kept
    }
  }

  /// The last minutes, oldest first.
  func history(minutes: Int) -> LoadHistory {
    let count = minutes * 60 / Self.stepSeconds
    let instances = samples.withLock { samples in
      samples.reduce(into: [String: [[Int]]]()) { result, entry in
        result[entry.key.text] = entry.value.suffix(count).map {
          [Int($0.connected), Int($0.maximum)]
        }
      }
    }
    return LoadHistory(step: Self.stepSeconds, instances: instances)
  }
}
