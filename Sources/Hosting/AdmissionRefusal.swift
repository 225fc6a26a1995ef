package import ClusterModel

/// Why an instance refuses a client: the first reason, in this order, that applies. Reasons that no
/// waiting changes come first.
package enum AdmissionRefusal: Error, Hashable, Sendable {
  /// Services (AIF) are never served: only RPC connections are.
  case rpcOnly
  /// The instance serves, but not this kind of client.
  case kindNotServed(ClientKind)
  case stopping
  /// No cluster has given it orders yet.
  case notJoined
  case removed
  /// Why it has no license seat.
  case unlicensed(String)
  case rejectingClients
  /// The application behind it is down, and why.
  case applicationDown(String)
  /// All places are taken; with their number.
  case full(maximum: Int)
}
