/// One step from a signing key of a cluster to the next one.
public struct KeyRotation: Hashable, Sendable {
  /// The number of the step in its registry, from 1.
  public var number: Int64
  /// The public key that signed the step: 32 bytes in base64url.
  public var from: String
  /// The public key of the cluster after the step.
  public var to: String
  /// The document of the step, signed with the older key (JWT): an instance that trusts the older
  /// key can follow.
  public var document: String
  /// When the key was replaced.
  public var at: Timestamp

  public init(number: Int64, from: String, to: String, document: String, at: Timestamp) {
    self.number = number
    self.from = from
    self.to = to
    self.document = document
    self.at = at
  }
}

/// The secret key with which a cluster's balancers sign: 32 bytes. Only the registry and the
/// balancers have it, and no log or description shows it.
public struct SigningSeed: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  public var description: String { "(a signing key)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
