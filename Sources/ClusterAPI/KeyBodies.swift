public import ClusterModel

/// One step from a cluster's key to the next.
public struct KeyStep: Equatable, Sendable, Codable {
  /// The public key with which the step was signed: 32 bytes of Ed25519 in base64url.
  public var from: String
  /// The document that names the next key (JWT, EdDSA).
  public var document: String

  public init(from: String, document: String) {
    self.from = from
    self.document = document
  }

  public init(_ rotation: KeyRotation) {
    self.init(from: rotation.from, document: rotation.document)
  }
}

/// `PUT /v1/key` at an instance: the steps that lead it to the current key.
public struct KeySteps: Equatable, Sendable, Codable {
  /// The steps, oldest first.
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

/// The answer to `PUT /v1/key`: the key that the instance now obeys.
public struct KeyAnswer: Equatable, Sendable, Codable {
  /// The current public key: 32 bytes of Ed25519 in base64url.
  public var publicKey: String

  public init(publicKey: String) { self.publicKey = publicKey }
}

/// The answer to `POST /v1/cluster-key`: the new key, and which instances follow it.
public struct KeyRotationAnswer: Equatable, Sendable, Codable {
  /// The cluster's name.
  public var cluster: String
  /// The new public key; in a dry run, the current key, which would be replaced.
  public var publicKey: String
  /// Each instance, and whether it follows the new key.
  public var instances: [Follower]

  /// An instance that should follow.
  public struct Follower: Equatable, Sendable, Codable {
    /// The id of the instance.
    public var id: InstanceID
    /// Whether it obeys the new key; in a dry run, whether it can be reached now.
    public var follows: Bool
    /// Why it does not follow; nil where it does.
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
