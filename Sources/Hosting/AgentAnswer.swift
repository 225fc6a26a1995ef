internal import ClusterModel

extension InstanceLife {
  /// What a network load balancer is told that asks how this instance is (HAProxy, agent check):
  /// a share of its configured weight, from 100 % with no free place to 200 % with all of them
  /// free, and 0 % while the instance takes nobody.
  ///
  /// A full instance keeps its weight: it still serves what needs no session. The answer never
  /// names a state such as `drain` or `ready`: HAProxy would take it as a command, and undo what
  /// its own operator has set. From 100 % on, a server with HAProxy's default weight of 1 keeps at
  /// least that; a smaller share would be rounded to 0 (configuration.txt, agent-check).
  package var agentAnswer: String {
    let kind: ClientKind = profile.role.serves(.client) ? .client : .batch
    switch refusal(of: kind) {
    case nil: break
    case .full where load.maximum > 0: break
    default: return "up 0%"
    }
    let free = Double(max(0, load.maximum - load.connected)) / Double(load.maximum)
    return "up \(100 + Int((free * 100).rounded()))%"
  }
}
