internal import ClusterModel

extension InstanceLife {
  /// The answer to a network load balancer that asks for the state of this instance (HAProxy, agent
  /// check): a percentage of its configured weight, from 100 % without a free place to 200 % with
  /// all places free, and 0 % while the instance takes nobody.
  ///
  /// A full instance keeps its weight, since it still serves requests that need no session. The
  /// answer never contains a state such as `drain` or `ready`: HAProxy would obey it and undo what
  /// its own operator has set. With at least 100 %, a server with HAProxy's default weight of 1
  /// keeps that; a smaller percentage would be rounded to 0 (configuration.txt, agent-check).
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
