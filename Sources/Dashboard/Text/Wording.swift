package import CellGrid
package import ClusterModel

extension InstanceStatus {
  /// Short name of what it is in the cluster.
  package var roleText: String {
    switch role {
    case .known(.loadBalancer): "balancer"
    case .known(.server(.application)): "app"
    case .known(.server(.batch)): "batch"
    case .known(.server(.both)): "app+batch"
    case .unrecognized(let name, let services):
      services.isEmpty
        ? name
        : services.map { $0 == Service.application.rawValue ? "app" : $0 }.joined(separator: "+")
    }
  }

  /// The state in words, with what is left to be done.
  package var stateText: String {
    if !delivered, health == .alive, !role.isLoadBalancer {
      switch record.admission {
      case .known(.rejecting): return "drain pending (\(Format.grouped(load.connected)))"
      case .known(.accepting): return "enable pending"
      case .unrecognized(let name): return "\(name) pending"
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
    case .balancing, .unrecognized: return .plain
    case .full, .draining: return .warning
    case .drained: return .bold
    case .stopped, .notYetSeen: return .colored(.magenta)
    case .unreachable, .unlicensed: return .colored(.red, isBold: true)
    }
  }

  /// The operator's wish, by whom and why.
  package var admissionText: String {
    var text = record.admission.rawValue
    if record.admissionBy != id.text { text += ", \(admissionByWords)" }
    if let reason = record.admissionReason, !reason.isEmpty {
      text += ": \(PlainText.cleaned(reason))"
    }
    return delivered ? text : text + " (not delivered)"
  }

  package var healthText: String {
    switch health {
    case .known(.notYetSeen): "not yet seen"
    case .known, .unrecognized: health.rawValue
    }
  }

  package var licenseText: String {
    switch license {
    case .notRequired: "not needed"
    case .licensed(let seat): "seat \(seat)"
    case .unlicensed(let reason): "none: \(PlainText.cleaned(reason))"
    case .unrecognized(let name, let seat, let reason):
      name + (seat.map { ", seat \($0)" } ?? "")
        + (reason.map { ": \(PlainText.cleaned($0))" } ?? "")
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
    case .known(.none), .known(.valid): return used
    case .known(.grace): return used + ", license in grace"
    case .known, .unrecognized: return used + ", license \(state.rawValue)"
    }
  }

  package var style: Style {
    switch state {
    case .known(.none), .known(.valid), .unrecognized: .plain
    case .known(.expiring): .warning
    case .known(.grace), .known(.expired), .known(.invalid): .colored(.red, isBold: true)
    }
  }
}

extension InstanceOwner {
  /// Who may join the id.
  var words: String {
    self == .local ? "local (no access token may join this id)" : "\(self)"
  }
}
