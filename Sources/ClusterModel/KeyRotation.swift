/// One step from a key with which a cluster signed to the next one.
public struct KeyRotation: Hashable, Sendable {
  /// Counts the steps of a registry, from 1.
  public var number: Int64
  /// The public key that signed the step: 32 bytes in base64url.
  public var from: String
  /// The public key that the cluster's word is known by after it.
  public var to: String
  /// Says so, signed with the older key (JWT): an instance that trusts that one can follow.
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

/// The secret key with which a cluster's balancers sign: 32 bytes, for the registry and for them
/// alone. It is in no log and in no description.
public struct SigningSeed: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  public var description: String { "(a signing key)" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
