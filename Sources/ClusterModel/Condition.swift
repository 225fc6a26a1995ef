/// The operator's wish, kept in the registry.
public enum Admission: String, Hashable, Codable, Sendable {
  case accepting
  case rejecting
}

/// What a balancer observes of an instance, whatever the operator wishes.
public enum Health: String, Hashable, Codable, Sendable {
  case alive
  /// Said goodbye.
  case stopped
  case unreachable
  case notYetSeen
}

/// Whether an instance may serve under the cluster's license.
public enum LicenseStatus: Hashable, Sendable {
  /// A dedicated load balancer.
  case notRequired
  /// Holds this seat, counted from 1.
  case licensed(seat: Int)
  /// Why there is no seat for it.
  case unlicensed(reason: String)

  /// The name on the wire.
  public var name: String {
    switch self {
    case .notRequired: "notRequired"
    case .licensed: "licensed"
    case .unlicensed: "unlicensed"
    }
  }

  public var seat: Int? {
    if case .licensed(let seat) = self { seat } else { nil }
  }

  public var reason: String? {
    if case .unlicensed(let reason) = self { reason } else { nil }
  }

  public var isUnlicensed: Bool { reason != nil }
}

/// Why an instance is not in a handshake list. The first that holds, in this order, is given.
public enum Exclusion: String, Hashable, Codable, Sendable, CaseIterable {
  case dedicatedLoadBalancer
  case notYetSeen
  case stopped
  case unreachable
  case unlicensed
  case rejectingClients
  /// Serves batch only, and the list is for clients.
  case batchOnly
  /// Serves no batch, and the list is for batch. Never in a snapshot, whose list is for clients.
  case applicationOnly
  /// Its maximum is 0.
  case noCapacity

  /// The reason as a person reads it.
  public var sentence: String {
    switch self {
    case .dedicatedLoadBalancer: "dedicated load balancer"
    case .notYetSeen: "not yet seen"
    case .stopped: "stopped"
    case .unreachable: "unreachable"
    case .unlicensed: "no license"
    case .rejectingClients: "rejecting new clients"
    case .batchOnly: "batch only"
    case .applicationOnly: "no batch server"
    case .noCapacity: "maximum is 0"
    }
  }
}

/// What a person reads in the state column: derived from role, health, license and admission.
public enum InstanceState: Hashable, Sendable {
  case accepting
  case full
  /// Rejecting new clients, with this many sessions left.
  case draining(left: Int)
  case drained
  case stopped
  case unreachable
  case notYetSeen
  case unlicensed
  /// A load balancer at work.
  case balancing

  /// One word, without the count.
  public var name: String {
    switch self {
    case .accepting: "accepting"
    case .full: "full"
    case .draining: "draining"
    case .drained: "drained"
    case .stopped: "stopped"
    case .unreachable: "unreachable"
    case .notYetSeen: "not yet seen"
    case .unlicensed: "unlicensed"
    case .balancing: "balancing"
    }
  }
}
