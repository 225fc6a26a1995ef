package import CellGrid
package import ClusterModel

extension InstanceStatus {
  /// Short name of what it is in the cluster.
  package var roleText: String {
    switch role {
    case .loadBalancer: "balancer"
    case .server(.application): "app"
    case .server(.batch): "batch"
    case .server(.both): "app+batch"
    }
  }

  /// The state in words, with what is left to be done.
  package var stateText: String {
    if !delivered, health == .alive, !role.isLoadBalancer {
      switch admission {
      case .rejecting: return "drain pending (\(Format.grouped(load.connected)))"
      case .accepting: return "enable pending"
      }
    }
    if case .draining(let left) = state { return "draining (\(Format.grouped(left)) left)" }
    return state.name
  }

  package var stateStyle: Style {
    if !delivered, health == .alive, !role.isLoadBalancer {
      return .warning
    }
    switch state {
    case .accepting: return .colored(.green)
    case .balancing: return .plain
    case .full, .draining: return .warning
    case .drained: return .bold
    case .stopped, .notYetSeen: return .colored(.magenta)
    case .unreachable, .unlicensed: return .colored(.red, isBold: true)
    }
  }

  /// The operator's wish, by whom and why.
  package var admissionText: String {
    var text = admission.rawValue
    if admissionBy != id.text { text += ", \(PlainText.cleaned(admissionBy))" }
    if let admissionReason, !admissionReason.isEmpty {
      text += ": \(PlainText.cleaned(admissionReason))"
    }
    return delivered ? text : text + " (not delivered)"
  }

  package var healthText: String {
    switch health {
    case .alive: "alive"
    case .stopped: "stopped"
    case .unreachable: "unreachable"
    case .notYetSeen: "not yet seen"
    }
  }

  package var licenseText: String {
    switch license {
    case .notRequired: "not needed"
    case .licensed(let seat): "seat \(seat)"
    case .unlicensed(let reason): "none: \(PlainText.cleaned(reason))"
    }
  }

  /// Sessions open and allowed: `37/200`.
  package var sessionsText: String { load.figures }
}

extension Load {
  /// Sessions open and allowed: `37/200`.
  package var figures: String { "\(Format.grouped(connected))/\(Format.grouped(maximum))" }
}

extension LicenseSummary {
  /// `seats 7/unlimited`, or what is wrong with the license.
  package var text: String {
    let used = "seats \(Format.grouped(seatsUsed))/\(seats.map(Format.grouped) ?? "unlimited")"
    switch state {
    case .none, .valid: return used
    case .expiring: return used + ", license expiring"
    case .grace: return used + ", license in grace"
    case .expired: return used + ", license expired"
    case .invalid: return used + ", license invalid"
    }
  }

  package var style: Style {
    switch state {
    case .none, .valid: .plain
    case .expiring: .warning
    case .grace, .expired, .invalid: .colored(.red, isBold: true)
    }
  }
}
