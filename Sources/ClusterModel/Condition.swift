/// What the operator ordered, as the registry keeps it.
public enum Admission: String, Hashable, Codable, Sendable {
  case accepting
  case rejecting
}

/// What a balancer observes of an instance, whatever the operator ordered.
public enum Health: String, Hashable, Codable, Sendable {
  case alive
  /// It said goodbye before it stopped.
  case stopped
  case unreachable
  case notYetSeen
}

/// Whether an instance may serve under the cluster's license.
public enum LicenseStatus: Hashable, Sendable {
  /// It is a dedicated load balancer.
  case notRequired
  /// It has this seat, counted from 1.
  case licensed(seat: Int)
  /// It has no seat, for this reason.
  case unlicensed(reason: String)
  /// A status that only a later release knows, as it was received.
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

  /// The status as a table shows it: `seat 3`, or `none` and why.
  ///
  /// - Parameter seats: The numbers of seats and servers of the cluster, such as `2 seats, 3
  ///   servers`, which say more than "no seat is free"; nil where they are not known.
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

  /// Whether it needs a seat and has none.
  public var isUnlicensed: Bool {
    if case .unlicensed = self { true } else { false }
  }
}

/// Why an instance is not in a handshake list: the first reason, in this order, that applies.
public enum Exclusion: String, Hashable, Codable, Sendable, CaseIterable, Worded {
  case dedicatedLoadBalancer
  case notYetSeen
  case stopped
  case unreachable
  /// The application behind it is down.
  case applicationDown
  case unlicensed
  case rejectingClients
  /// It serves only batch, and the list is for clients.
  case batchOnly
  /// It serves no batch, and the list is for batch. Snapshots never have this reason, since their
  /// list is for clients.
  case applicationOnly
  /// Its maximum is 0.
  case noCapacity

  /// The reason in words for a person.
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

/// The state column, derived from role, health, application, license and admission.
public enum InstanceState: Hashable, Sendable {
  case accepting
  case full
  /// It rejects new clients and has this many sessions left.
  case draining(left: Int)
  case drained
  case stopped
  case unreachable
  case notYetSeen
  /// It is alive, and the application behind it is down: it takes no new sessions.
  case applicationDown
  case unlicensed
  /// It is a load balancer and works.
  case balancing
  /// A health or an admission that only a later release knows, in the word of that release.
  case unrecognized(String)

  /// The state in one word, without the count.
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
