/// What the operator ordered, kept in the registry.
public enum Admission: String, Hashable, Codable, Sendable {
  case accepting
  case rejecting
}

/// What a balancer observes of an instance, whatever the operator ordered.
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
  /// What a later release says of it, kept as it was told.
  case unrecognized(name: String, seat: Int?, reason: String?)

  /// Reads the three fields of the wire.
  init(name: String, seat: Int?, reason: String?) {
    switch name {
    case "notRequired": self = .notRequired
    case "licensed": self = .licensed(seat: seat ?? 0)
    case "unlicensed": self = .unlicensed(reason: reason ?? "")
    default:
      self = .unrecognized(name: OpenName.shown(name), seat: seat, reason: reason)
    }
  }

  /// The name on the wire.
  public var name: String {
    switch self {
    case .notRequired: "notRequired"
    case .licensed: "licensed"
    case .unlicensed: "unlicensed"
    case .unrecognized(let name, _, _): name
    }
  }

  /// The number of its seat, counted from 1; nil without a seat.
  public var seat: Int? {
    switch self {
    case .licensed(let seat): seat
    case .unrecognized(_, let seat, _): seat
    case .notRequired, .unlicensed: nil
    }
  }

  /// As a table shows it: `seat 3`, or `none` and why.
  ///
  /// - Parameter seats: The cluster's seats and servers, such as `2 seats, 3 servers`, which say
  ///   more than that none is free; nil: they are not known.
  public func words(seats: String?) -> String {
    switch self {
    case .notRequired: "not needed"
    case .licensed(let seat): "seat \(seat)"
    case .unlicensed(let reason):
      "none: \(reason.hasPrefix("no seat") ? seats ?? reason : PlainText.cleaned(reason))"
    case .unrecognized(let name, let seat, let reason):
      name + (seat.map { ", seat \($0)" } ?? "")
        + (reason.map { ": \(PlainText.cleaned($0))" } ?? "")
    }
  }

  /// Why it has no seat; nil where it has one or needs none.
  public var reason: String? {
    switch self {
    case .unlicensed(let reason): reason
    case .unrecognized(_, _, let reason): reason
    case .notRequired, .licensed: nil
    }
  }

  /// It needs a seat and has none.
  public var isUnlicensed: Bool {
    if case .unlicensed = self { true } else { false }
  }
}

/// Why an instance is not in a handshake list. The first that holds, in this order, is given.
public enum Exclusion: String, Hashable, Codable, Sendable, CaseIterable, Worded {
  case dedicatedLoadBalancer
  case notYetSeen
  case stopped
  case unreachable
  /// The application behind it is down.
  case applicationDown
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
    case .applicationDown: "application down"
    case .unlicensed: "no license"
    case .rejectingClients: "rejecting new clients"
    case .batchOnly: "batch only"
    case .applicationOnly: "no batch server"
    case .noCapacity: "maximum is 0"
    }
  }
}

/// What a person reads in the state column: derived from role, health, application, license and
/// admission.
public enum InstanceState: Hashable, Sendable {
  case accepting
  case full
  /// Rejecting new clients, with this many sessions left.
  case draining(left: Int)
  case drained
  case stopped
  case unreachable
  case notYetSeen
  /// Alive, and the application behind it is down: it takes no new sessions.
  case applicationDown
  case unlicensed
  /// A load balancer at work.
  case balancing
  /// What a later release says of its health or its admission, in that release's own word.
  case unrecognized(String)

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
    case .applicationDown: "application down"
    case .unlicensed: "unlicensed"
    case .balancing: "balancing"
    case .unrecognized(let name): name
    }
  }
}
