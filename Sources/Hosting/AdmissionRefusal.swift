package import ClusterModel

/// Why an instance does not let a client in. The first that holds, in this order, is given:
/// what no waiting changes comes first.
package enum AdmissionRefusal: Error, Hashable, Sendable {
  /// Services (AIF) are never served: RPC connections only.
  case rpcOnly
  /// The instance serves, but not this kind of client.
  case kindNotServed(ClientKind)
  case stopping
  /// No cluster has told it yet what to do.
  case notJoined
  case removed
  /// Why it holds no license seat.
  case unlicensed(String)
  case rejectingClients
  /// The application behind it is down, and why that is known.
  case applicationDown(String)
  /// All places are taken; how many there are.
  case full(maximum: Int)
}
