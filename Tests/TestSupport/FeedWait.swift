internal import ClusterAPI
package import ClusterClient
package import ClusterModel

extension ClusterConnection {
  /// Waits until the status feed shows something; every picture since the call is looked at.
  ///
  /// - Throws: `NeverHappened` with the last picture.
  @discardableResult
  package func until(
    _ what: String, seconds: Int = 50, _ condition: (ClusterSnapshot) -> Bool
  ) async throws -> ClusterSnapshot {
    var cluster: ClusterSnapshot?
    let end = ContinuousClock.now + .seconds(seconds)
    for try await item in try await events("/v1/feed", silenceMilliseconds: 60_000) {
      if case .event(let event) = item {
        switch event.name {
        case "snapshot": cluster = try WireJSON.decode(from: event.data.utf8)
        case "change": cluster?.apply(try WireJSON.decode(from: event.data.utf8))
        case "action":
          cluster?.append(try WireJSON.decode(ActionRecord.self, from: event.data.utf8))
        case "event":
          cluster?.append(try WireJSON.decode(ClusterEvent.self, from: event.data.utf8))
        default: break
        }
        if let cluster, condition(cluster) { return cluster }
      }
      // However quiet the feed is, a heartbeat comes every five seconds.
      guard ContinuousClock.now < end else { break }
    }
    throw NeverHappened(what: what, last: cluster?.inShort)
  }
}

extension ClusterSnapshot {
  /// The picture as a person reads it in a failed test.
  fileprivate var inShort: String {
    let rows = instances.map { instance in
      "\(instance.id) \(instance.state.name), \(instance.load.connected) of "
        + "\(instance.load.maximum)\(instance.delivered ? "" : ", not delivered")"
        + (instance.healthReason.map { ": \($0)" } ?? "")
    }
    let list = handshakeList.map(\.text).joined(separator: " ")
    let last = actions.first.map { "\($0.action.rawValue): \($0.result)" } ?? "none"
    return
      (rows + [
        "list: \(list)", "registry: \(balancer.registry.state.rawValue)",
        "license: \(license.state.rawValue)", "last action: \(last)",
      ]).joined(separator: "\n")
  }
}
