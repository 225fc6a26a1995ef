package import ClusterAPI
internal import ClusterModel
package import Dashboard

extension BalancerHistory {
  /// Reads the balancer's answer, without values that no instance can have sent.
  ///
  /// - Parameter cluster: A longer answer about the cluster alone; nil: there is none.
  package init(_ history: LoadHistory, cluster: LoadHistory? = nil) {
    let whole = cluster ?? history
    var instances: [InstanceID: [Load]] = [:]
    for (name, values) in history.instances {
      guard let id = try? InstanceID(name) else { continue }
      instances[id] = values.compactMap { pair in
        guard pair.count == 2, pair.allSatisfy({ (0...Load.highestMaximum).contains($0) }) else {
          return nil
        }
        return Load(connected: pair[0], reserved: 0, maximum: pair[1])
      }
    }
    self.init(
      stepSeconds: history.step, instances: instances, cluster: whole.cluster,
      at: whole.at)
  }

  /// The history as the balancer answers it.
  var body: LoadHistory {
    LoadHistory(
      step: stepSeconds, at: at,
      instances: Dictionary(
        uniqueKeysWithValues: instances.map { id, loads in
          (id.text, loads.map { [$0.connected, $0.maximum] })
        }), cluster: cluster)
  }
}
