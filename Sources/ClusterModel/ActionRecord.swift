/// One line of the log of everything that operators and instances changed.
public struct ActionRecord: Hashable, Codable, Sendable {
  /// What was done. On the wire its raw value.
  public enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
    case join, add, remove, drain, enable, limit, seats, license, endSession
    case createToken, revokeToken
    /// Ids were handed to a token.
    case assign
    case rotateKey, backup
  }

  /// The number of the record. Each new record of a registry has a higher one.
  public var id: Int64
  /// When it was committed, by the balancer's clock.
  public var at: Timestamp
  /// Name of a user, an access token, an instance or a balancer, as `actorKind` says.
  public var actor: String
  /// The kind of actor; nil in a record of a release before this field.
  public var actorKind: ActorKind?
  /// What was done.
  public var action: OpenEnum<Kind>
  /// The instance; nil where the action concerns the whole cluster.
  public var instance: InstanceID?
  /// The actor's reason; nil where none was given.
  public var reason: String?
  /// The result, in the balancer's own words.
  public var result: String
  /// Whether the instance obeys this order, or a later one that has replaced it. Nil where there is
  /// nothing to obey.
  public var delivered: Bool?

  public init(
    id: Int64, at: Timestamp, actor: String, actorKind: ActorKind? = nil, action: OpenEnum<Kind>,
    instance: InstanceID?, reason: String?, result: String, delivered: Bool?
  ) {
    self.id = id
    self.at = at
    self.actor = actor
    self.actorKind = actorKind
    self.action = action
    self.instance = instance
    self.reason = reason
    self.result = result
    self.delivered = delivered
  }

  public init(
    id: Int64, at: Timestamp, actor: String, action: Kind, instance: InstanceID?,
    reason: String?, result: String, delivered: Bool?
  ) {
    self.init(
      id: id, at: at, actor: actor, action: .known(action), instance: instance, reason: reason,
      result: result, delivered: delivered)
  }

  private enum CodingKeys: String, CodingKey {
    case id, at, actor, actorKind, action, instance, reason, result, delivered
  }

  /// Cuts texts that are longer than any that a balancer sends.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decodeRevision(forKey: .id)
    at = try values.decode(Timestamp.self, forKey: .at)
    actor = PlainText.cut(try values.decode(String.self, forKey: .actor))
    actorKind = try values.decodeIfPresent(ActorKind.self, forKey: .actorKind)
    action = try values.decode(OpenEnum<Kind>.self, forKey: .action)
    instance = try values.decodeIfPresent(InstanceID.self, forKey: .instance)
    reason = try values.decodeCut(forKey: .reason, to: PlainText.longestSentence)
    result = PlainText.cut(
      try values.decode(String.self, forKey: .result), to: Limits.problemCharacters)
    delivered = try values.decodeIfPresent(Bool.self, forKey: .delivered)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(id, forKey: .id)
    try values.encode(at, forKey: .at)
    try values.encode(actor, forKey: .actor)
    try values.encode(actorKind, forKey: .actorKind)
    try values.encode(action, forKey: .action)
    try values.encode(instance, forKey: .instance)
    try values.encode(reason, forKey: .reason)
    try values.encode(result, forKey: .result)
    try values.encode(delivered, forKey: .delivered)
  }
}

/// One line for the log of actions, before it has a number, a time and an actor.
public struct ActionDraft: Hashable, Sendable {
  /// What was done.
  public var action: ActionRecord.Kind
  /// The instance; nil where the action concerns the whole cluster.
  public var instance: InstanceID?
  /// The actor's reason; nil where none was given.
  public var reason: String?
  /// The result, in the balancer's own words.
  public var result: String
  /// Nil where there is nothing to obey.
  public var delivered: Bool?

  public init(
    _ action: ActionRecord.Kind, instance: InstanceID? = nil, reason: String? = nil,
    result: String, delivered: Bool? = nil
  ) {
    self.action = action
    self.instance = instance
    self.reason = reason
    self.result = result
    self.delivered = delivered
  }
}
