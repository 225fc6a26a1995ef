/// The owner of an instance's id. Only the owner and the Unix socket may join the id.
public enum InstanceOwner: Hashable, Sendable {
  /// The users of the balancer's machine: the id was joined over the Unix socket, added by an
  /// operator, or registered before ids had owners.
  case local
  /// The access token that first joined the id: its public id and its name.
  case token(id: String, name: String)

  /// The word on the wire: `local`, or the token's id, which is never that word.
  public var text: String {
    switch self {
    case .local: "local"
    case .token(let id, _): id
    }
  }

  /// The name of the token; nil for `local`.
  public var name: String? {
    if case .token(_, let name) = self { name } else { nil }
  }

  /// Reads the words of the wire.
  public init(text: String, name: String?) {
    self = text == "local" ? .local : .token(id: text, name: name ?? text)
  }

  /// Whether this token is the owner.
  public func isToken(_ tokenID: String) -> Bool {
    if case .token(tokenID, _) = self { true } else { false }
  }
}

extension InstanceOwner: CustomStringConvertible {
  /// In words for a person: `local`, or `token NAME (ID)`.
  public var description: String {
    switch self {
    case .local: "local"
    case .token(let id, let name): PlainText.cleaned("token \(name) (\(id))")
    }
  }
}
