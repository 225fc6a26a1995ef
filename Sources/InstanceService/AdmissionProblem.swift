internal import ClusterAPI
internal import ClusterModel
internal import Hosting

extension Problem {
  /// A refusal as a problem of the wire.
  ///
  /// - Parameter id: The instance that refuses.
  init(_ refusal: AdmissionRefusal, by id: InstanceID) {
    switch refusal {
    case .rpcOnly:
      self.init(
        .rpcOnly,
        "\(id) serves RPC connections only. Use a network load balancer for services (AIF).")
    case .kindNotServed(let kind):
      self.init(.kindNotServed, "\(id) takes no sessions of kind \(kind.rawValue).")
    case .stopping: self.init(.notReady, "\(id) is stopping.")
    case .notJoined: self.init(.notJoined, "\(id) has not been told by its cluster to serve.")
    case .removed: self.init(.removed, "\(id) was removed; an operator must add it again.")
    case .unlicensed(let reason):
      self.init(.unlicensed, "\(id) has no license: \(PlainText.cleaned(reason)).")
    case .rejectingClients: self.init(.rejectingClients, "\(id) rejects new clients.")
    case .applicationDown(let reason):
      self.init(
        .applicationDown, "\(id) takes no sessions now, its application is down: \(reason).")
    case .full(let maximum):
      self.init(.full, "\(id) takes \(maximum) sessions, and all places are taken.")
    }
  }
}
