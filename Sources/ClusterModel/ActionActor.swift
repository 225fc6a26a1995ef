/// What kind of actor did something: a token named `root` must not look like the user root.
///
/// This is not an enumeration, so that a reader can keep and show a kind of a later release.
public struct ActorKind: RawRepresentable, Hashable, Codable, Sendable {
  public let rawValue: String

  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// A user of the balancer's machine, over the Unix socket.
  public static let unix = ActorKind(rawValue: "unix")
  /// The bearer of an access token, over TCP.
  public static let token = ActorKind(rawValue: "token")
  /// An instance. It asked for the change, or the change follows from what it said.
  public static let instance = ActorKind(rawValue: "instance")
  /// A balancer that acted by itself.
  public static let balancer = ActorKind(rawValue: "balancer")

  /// The kinds of this release.
  public static let known: [ActorKind] = [.unix, .token, .instance, .balancer]
}

/// Who did something: the kind of actor and its name.
public struct ActionActor: Hashable, Sendable {
  /// The kind, which distinguishes a user, a token and an instance of the same name.
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

  /// The actor in one line. The name of a user has no addition, as on every other system.
  ///
  /// - Parameter kind: Nil in a record of an earlier release.
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
