/// To whom an instance's id belongs. The owner and the Unix socket may join the id, nobody else.
public enum InstanceOwner: Hashable, Sendable {
  /// The machine's own users: the id was joined over the Unix socket, added by an operator, or
  /// is older than this rule.
  case local
  /// The access token that first joined it, by its public id; the name says whose token it is.
  case token(id: String, name: String)

  /// On the wire: `local`, or the token's id, which is never that word.
  public var text: String {
    switch self {
    case .local: "local"
    case .token(let id, _): id
    }
  }

  /// Name of the token; nil for `local`.
  public var name: String? {
    if case .token(_, let name) = self { name } else { nil }
  }

  /// From the words of the wire.
  public init(text: String, name: String?) {
    self = text == "local" ? .local : .token(id: text, name: name ?? text)
  }

  /// Whether this token is the owner.
  public func isToken(_ tokenID: String) -> Bool {
    if case .token(tokenID, _) = self { true } else { false }
  }
}

extension InstanceOwner: CustomStringConvertible {
  /// As a person reads it: `local`, or `token NAME (ID)`.
  public var description: String {
    switch self {
    case .local: "local"
    case .token(let id, let name): PlainText.cleaned("token \(name) (\(id))")
    }
  }
}
