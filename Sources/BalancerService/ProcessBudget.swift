internal import ClusterClient
internal import ServiceSupport

extension ConnectionBudget {
  /// What this process opens counts together with what it accepts.
  static let ofProcess = ConnectionBudget(
    enter: { DescriptorLedger.process.outgoingBegins(givesWay: $0) },
    leave: { DescriptorLedger.process.outgoingEnded() })
}
