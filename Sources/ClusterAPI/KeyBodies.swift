public import ClusterModel

/// One step from a cluster's key to the next.
public struct KeyStep: Equatable, Sendable, Codable {
  /// The public key that signed it: 32 bytes of Ed25519 in base64url.
  public var from: String
  /// Names the key that follows (JWT, EdDSA).
  public var document: String

  public init(from: String, document: String) {
    self.from = from
    self.document = document
  }

  public init(_ rotation: KeyRotation) {
    self.init(from: rotation.from, document: rotation.document)
  }
}

/// `PUT /v1/key` at an instance: the steps by which it finds the key that counts now.
public struct KeySteps: Equatable, Sendable, Codable {
  /// Oldest first.
  public var rotations: [KeyStep]

  public init(rotations: [KeyStep]) { self.rotations = rotations }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    rotations = try values.decode([KeyStep].self, forKey: .rotations)
    guard rotations.count <= Limits.keySteps else {
      throw InvalidValue(
        field: "rotations", complaint: "has more than \(Limits.keySteps) elements")
    }
  }
}

/// `PUT /v1/key` is answered with the key that the instance obeys now.
public struct KeyAnswer: Equatable, Sendable, Codable {
  /// The cluster's public key in force: 32 bytes of Ed25519 in base64url.
  public var publicKey: String

  public init(publicKey: String) { self.publicKey = publicKey }
}

/// `POST /v1/cluster-key`: the key that signs from now on, and who has followed.
public struct KeyRotationAnswer: Equatable, Sendable, Codable {
  /// The cluster's name.
  public var cluster: String
  /// With a dry run the key that signs now, and would be replaced.
  public var publicKey: String
  /// Each instance, and whether it follows the new key.
  public var instances: [Follower]

  /// An instance that is to follow.
  public struct Follower: Equatable, Sendable, Codable {
    /// The instance's id.
    public var id: InstanceID
    /// It obeys the new key; with a dry run: it can be reached now.
    public var follows: Bool
    /// Why it does not; nil where it does.
    public var reason: String?

    public init(id: InstanceID, follows: Bool, reason: String? = nil) {
      self.id = id
      self.follows = follows
      self.reason = reason
    }
  }

  public init(cluster: String, publicKey: String, instances: [Follower]) {
    self.cluster = cluster
    self.publicKey = publicKey
    self.instances = instances
  }
}
