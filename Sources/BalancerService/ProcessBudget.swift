internal import ClusterClient
internal import ServiceSupport

extension ConnectionBudget {
  /// Connections that this process opens count together with those that it accepts.
  static let ofProcess = ConnectionBudget(
    enter: { DescriptorLedger.process.outgoingBegins(givesWay: $0) },
    leave: { DescriptorLedger.process.outgoingEnded() })
}
