/// The role of an instance for readers, which keeps and shows a role or a service of a later
/// release. Code that decides uses `Role`, which has no others.
public enum OpenRole: Hashable, Sendable {
  case known(Role)
  /// The two fields of the wire, with names that this release does not know.
  case unrecognized(name: String, services: [String])

  /// Reads the two fields of the wire.
  public init(name: String, services: [String]) {
    let services = services.prefix(Limits.services)
    let known = services.compactMap(Service.init(rawValue:))
    if known.count == services.count, let role = try? Role(name: name, services: known) {
      self = .known(role)
    } else {
      self = .unrecognized(
        name: OpenName.shown(name),
        services: services.map(OpenName.shown))
    }
  }

  /// The known role; nil for a role or a service that this release does not know.
  public var known: Role? {
    if case .known(let role) = self { role } else { nil }
  }

  /// A dedicated load balancer, which takes no clients.
  public var isLoadBalancer: Bool { name == Role.loadBalancer.name }

  /// The name on the wire.
  public var name: String {
    switch self {
    case .known(let role): role.name
    case .unrecognized(let name, _): name
    }
  }

  /// The names of the services on the wire; none for a balancer.
  public var services: [String] {
    switch self {
    case .known(let role): role.services.map(\.rawValue)
    case .unrecognized(_, let services): services
    }
  }

  /// Whether the instance takes sessions of this kind at all, as far as this release knows.
  public func serves(_ kind: ClientKind) -> Bool {
    if let known { return known.serves(kind) }
    let needed: Service = kind == .batch ? .batch : .application
    return !isLoadBalancer && kind != .service && services.contains(needed.rawValue)
  }

  public static func == (left: Self, right: Role) -> Bool { left == .known(right) }
  public static func != (left: Self, right: Role) -> Bool { left != .known(right) }
}

public func == (left: OpenRole?, right: Role) -> Bool { left == .known(right) }
public func != (left: OpenRole?, right: Role) -> Bool { left != .known(right) }
