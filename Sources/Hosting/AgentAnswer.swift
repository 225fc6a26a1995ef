internal import ClusterModel

extension InstanceLife {
  /// What a network load balancer is told that asks how this instance is (HAProxy, agent check):
  /// `drain`, or `up ready` with the share of places that are free, which becomes its weight.
  ///
  /// One per cent at least: a full instance still serves what needs no session.
  package var agentAnswer: String {
    let kind: ClientKind = profile.role.serves(.client) ? .client : .batch
    switch refusal(of: kind) {
    case nil: break
    case .full where load.maximum > 0: break
    default: return "drain"
    }
    let free = Double(max(0, load.maximum - load.connected)) / Double(load.maximum)
    return "up ready \(max(1, Int((free * 100).rounded())))%"
  }
}
