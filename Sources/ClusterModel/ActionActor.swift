/// What kind of actor did something, so that a token named `root` is not taken for the user.
///
/// Not an enumeration: a kind of a later release is kept as its text, and shown.
public struct ActorKind: RawRepresentable, Hashable, Codable, Sendable {
  public let rawValue: String

  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// A user of the balancer's machine, over the Unix socket.
  public static let unix = ActorKind(rawValue: "unix")
  /// The bearer of an access token, over TCP.
  public static let token = ActorKind(rawValue: "token")
  /// An instance: what it asked for, or what follows from its own words.
  public static let instance = ActorKind(rawValue: "instance")
  /// A balancer, by itself.
  public static let balancer = ActorKind(rawValue: "balancer")

  /// The kinds of this release.
  public static let known: [ActorKind] = [.unix, .token, .instance, .balancer]
}

/// Who did something: the kind of actor and its name.
public struct ActionActor: Hashable, Sendable {
  /// Tells a user from a token or an instance of the same name.
  public var kind: ActorKind
  /// A user's name, a token's name, or the id of an instance or balancer.
  public var name: String

  public init(_ kind: ActorKind, _ name: String) {
    (self.kind, self.name) = (kind, name)
  }

  /// An instance, by its id.
  public static func instance(_ id: InstanceID) -> ActionActor { ActionActor(.instance, id.text) }
  /// A balancer, by its id.
  public static func balancer(_ id: InstanceID) -> ActionActor { ActionActor(.balancer, id.text) }

  /// The actor in one line. A user's name stands alone, as on every other system.
  ///
  /// - Parameter kind: Nil in what an earlier release wrote down.
  public static func words(_ name: String, _ kind: ActorKind?) -> String {
    guard let kind, kind != .unix else { return PlainText.cleaned(name) }
    return PlainText.cleaned("\(name) (\(kind.rawValue.prefix(32)))")
  }
}

extension ActionRecord {
  /// The actor in one line, with its kind.
  public var actorWords: String { ActionActor.words(actor, actorKind) }
}

extension InstanceStatus {
  /// Who set the admission, in one line, with the kind of actor.
  public var admissionByWords: String {
    ActionActor.words(record.admissionBy, record.admissionByKind)
  }
}
