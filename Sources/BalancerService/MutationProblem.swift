internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import Registry
internal import ServiceSupport

extension Problem {
  /// A refusal as a problem of the wire.
  init(_ refusal: MutationRefusal) {
    switch refusal {
    case .unknown(let id):
      self.init(.unknownInstance, "\(id) is not a member of the cluster.")
    case .exists(let id):
      self.init(.alreadyExists, "\(id) is a member of the cluster already.")
    case .twin(let id, let other):
      self.init(
        .alreadyExists,
        "\(id) differs from \(other), a member, only in the case of letters; give it another id.")
    case .notOwner(let id, _):
      self.init(
        .forbidden,
        "\(id) does not belong to this token, and nothing was changed. An operator hands it over "
          + "on a balancer's machine: aosctl token assign TOKEN \(id).")
    case .tokenEnded: self.init(.unauthorized, "The token has ended.")
    case .tooManyInstances(let name, let most):
      self.init(
        .tooMany,
        "The token \(name) owns \(most) instances, its maximum (aosctl token create --instances).")
    case .clusterIsFull(let most):
      self.init(.tooMany, "The cluster has \(most) instances, the maximum.")
    case .addressTaken(let address, let owner):
      self.init(.alreadyExists, "The address \(address) belongs to \(owner).")
    case .sharedAddress(let address):
      self.init(
        .invalidRequest,
        "The address \(address) is not one machine's. Name one at which others reach the instance.")
    case .aliveElsewhere(let id, let address):
      self.init(.alreadyExists, "\(id) is alive at \(address).")
    case .removed(let id):
      self.init(.removed, "\(id) was removed; an operator must add it again.")
    case .loadBalancer(let id):
      self.init(.dedicatedLoadBalancer, "\(id) is a load balancer and has no sessions.")
    case .otherRole(let id, let role):
      self.init(.alreadyExists, "\(id) is registered with the role \(role.name).")
    case .notDrained(let id, nil):
      self.init(
        .notDrained,
        "\(id) has not answered yet and may have sessions. To remove it anyway, use force.")
    case .notDrained(let id, let left?):
      let state =
        left == 0 ? "is not drained" : "still has \(left) session\(left == 1 ? "" : "s")"
      self.init(.notDrained, "\(id) \(state). Drain it first, or remove it by force.")
    case .stillRunning(let id):
      self.init(.stillRunning, "\(id) is running. Stop it before you remove it.")
    case .notDecidedHere:
      self.init(.internalError, "The registry decides nothing about this.")
    case .licenseHolds:
      self.init(
        .licenseHolds, "The cluster's own number of seats counts only without a license.")
    case .needsAcknowledgement(let warnings):
      let words = warnings.map { "\($0.rawValue) (\($0.sentence))" }.joined(separator: ", ")
      self.init(
        .needsAcknowledgement, "Acknowledge: \(words).", warnings: warnings.map { .known($0) })
    }
  }

  init(_ failure: RegistryFailure) {
    switch failure {
    case .unavailable(let reason), .unusable(let reason):
      self.init(.registryUnavailable, "Nothing was changed: \(PlainText.cleaned(reason)).")
    case .outcomeUnknown:
      self.init(
        .outcomeUnknown, "Send the same request with the same Idempotency-Key to settle it.")
    }
  }

  /// A client asks a balancer for something that only servers have.
  static func noSessions(at id: InstanceID) -> Problem {
    Problem(
      .dedicatedLoadBalancer,
      "\(id) takes no sessions. Shake hands with it for the list of servers.")
  }
}

extension BalancerConfiguration {
  /// The answer to a `CONNECT`.
  var noTunnels: ConnectRefusal { ConnectRefusal(.noSessions(at: id)) }
}
