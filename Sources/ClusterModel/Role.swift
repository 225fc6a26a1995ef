/// What a server does for its clients.
public enum Service: String, Hashable, Codable, Sendable, CaseIterable, Comparable {
  /// Interactive clients.
  case application
  /// Batch tasks.
  case batch

  public static func < (left: Service, right: Service) -> Bool { left.rawValue < right.rawValue }
}

/// What an instance is in its cluster.
///
/// The type allows neither a dedicated load balancer that also serves nor a server that serves
/// nothing.
public enum Role: Hashable, Sendable {
  case loadBalancer
  case server(ServerServices)

  /// The services, sorted; none for a balancer.
  public var services: [Service] {
    switch self {
    case .loadBalancer: []
    case .server(let services): services.list
    }
  }

  /// A dedicated load balancer, which takes no clients.
  public var isLoadBalancer: Bool { self == .loadBalancer }

  /// Whether the instance takes sessions of this kind at all.
  public func serves(_ kind: ClientKind) -> Bool {
    switch (self, kind) {
    case (.server(let services), .client): services.contains(.application)
    case (.server(let services), .batch): services.contains(.batch)
    default: false
    }
  }

  /// The name on the wire: `loadBalancer` or `server`.
  public var name: String { isLoadBalancer ? "loadBalancer" : "server" }

  /// Reads the two fields of the wire.
  ///
  /// - Throws: `InvalidValue` naming `role` or `services`.
  public init(name: String, services: [Service]) throws(InvalidValue) {
    switch name {
    case "loadBalancer":
      guard services.isEmpty else {
        throw InvalidValue(field: "services", complaint: "must be empty for a load balancer")
      }
      self = .loadBalancer
    case "server":
      guard let checked = ServerServices(services) else {
        throw InvalidValue(field: "services", complaint: "must name application, batch or both")
      }
      self = .server(checked)
    default:
      throw InvalidValue(field: "role", complaint: "must be server or loadBalancer")
    }
  }
}

/// A set of services that is never empty.
public enum ServerServices: Hashable, Sendable, CaseIterable {
  case application
  case batch
  case both

  /// Nil for an empty list.
  public init?(_ services: some Sequence<Service>) {
    switch Set(services) {
    case [.application]: self = .application
    case [.batch]: self = .batch
    case [.application, .batch]: self = .both
    default: return nil
    }
  }

  /// The services, sorted by name.
  public var list: [Service] {
    switch self {
    case .application: [.application]
    case .batch: [.batch]
    case .both: [.application, .batch]
    }
  }

  /// Whether the instance offers this service.
  public func contains(_ service: Service) -> Bool { list.contains(service) }
}

/// What kind of client asks for a list or a session.
public enum ClientKind: String, Hashable, Codable, Sendable, CaseIterable {
  case client
  case batch
  /// Services (AIF). They are never served: dedicated load balancers balance only RPC connections.
  case service
}
