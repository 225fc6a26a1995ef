package import CellGrid
package import ClusterModel

extension InstanceStatus {
  /// The short name of its role in the cluster.
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

  /// The same in this many columns.
  func roleText(columns: Int) -> String {
    let text = roleText
    if text.columns <= columns { return text }
    switch role {
    case .known(.loadBalancer): return "LB"
    case .known(.server(.both)): return "a+b"
    default: return text
    }
  }

  /// Whether its session count is current: it reports it, or it has said goodbye.
  package var isLoadKnown: Bool {
    switch health {
    case .known(.alive), .known(.stopped): true
    default: false
    }
  }

  /// The number of open sessions, with a question mark where it is an old one: `45?`.
  var connectedText: String { Format.grouped(load.connected) + (isLoadKnown ? "" : "?") }

  /// The width of its state in the table.
  var stateColumns: Int {
    if delivered, case .draining(let left) = state, let drain = self.drain {
      return DrainProgress.state(left, of: drain.startedWith).utf8.count
    }
    return state == .drained ? 13 : stateText.columns
  }

  /// The state in words, with what is left to do.
  package var stateText: String {
    if !delivered, health == .alive, !role.isLoadBalancer {
      switch record.admission {
      case .known(.rejecting): return "drain pending (\(Format.grouped(load.connected)))"
      case .known(.accepting): return "enable pending"
      case .unrecognized(let name): return "\(name) pending"
      }
    }
    if case .draining(let left) = state { return "draining (\(Format.grouped(left)) left)" }
    if state == .accepting, slowStartUntil != nil { return "slow start" }
    return state == .notYetSeen ? "never connected" : state.name
  }

  package var stateStyle: Style {
    if !delivered, health == .alive, !role.isLoadBalancer {
      return .warning
    }
    switch state {
    // Colour marks exceptions.
    case .accepting, .balancing, .unrecognized: return .plain
    case .full, .draining: return .warning
    case .drained: return .bold
    case .stopped, .notYetSeen: return .colored(.magenta)
    case .unreachable, .applicationDown, .unlicensed: return .colored(.red, isBold: true)
    }
  }

  /// The operator's order, with the author and the reason.
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
    case .known(.notYetSeen): "never connected"
    case .known, .unrecognized: health.rawValue
    }
  }

  package var licenseText: String { licenseText(seats: nil) }

  /// - Parameter seats: The numbers of the cluster's seats and servers, which say more than "no
  ///   seat is free".
  package func licenseText(seats: String?) -> String { license.words(seats: seats) }

  /// Why it is not in the handshake list, in the words of its state; nil where it is in it.
  ///
  /// - Parameter isBrief: Without the name of the operator.
  package func exclusionText(isBrief: Bool = false) -> String? {
    switch exclusion {
    case nil: return nil
    case .known(.dedicatedLoadBalancer): return "balancer"
    case .known(.rejectingClients):
      let who = isBrief ? "" : " (\(admissionByWords))"
      let left = load.connected
      if !isLoadKnown || left == 0 { return (left == 0 ? "drained" : "draining") + who }
      return isBrief ? "draining" : "draining\(who), \(Format.grouped(left)) left"
    case .known(.notYetSeen): return "never connected"
    case .some(let exclusion): return exclusion.sentence
    }
  }

  /// Sessions open and allowed: `37/200`.
  package var sessionsText: String { load.figures }
}

extension [InstanceStatus] {
  /// What the question about a change says of sessions that no notice reaches:
  /// `, 12 get no notice`; empty where there are none.
  package var withoutNotices: String {
    let count = reduce(0) { $0 + $1.load.withoutNotices }
    guard count > 0 else { return "" }
    return ", \(Format.grouped(count)) \(count == 1 ? "gets" : "get") no notice"
  }
}

extension Load {
  /// Sessions open and allowed: `37/200`.
  package var figures: String { "\(Format.grouped(connected))/\(Format.grouped(maximum))" }
}

extension LicenseSummary {
  /// `license: 2 of 3 seats used`, and what is wrong with it.
  ///
  /// - Parameters:
  ///   - short: The number of servers without a seat.
  ///   - isBrief: `lic 2/3`.
  package func text(short: Int, isBrief: Bool = false) -> String {
    let used = Format.grouped(seatsUsed)
    var text = isBrief ? "lic \(used)" : "license: \(Format.count(seatsUsed, "seat")) used"
    if let seats {
      let all = Format.grouped(seats)
      text =
        isBrief ? "lic \(used)/\(all)" : "license: \(used) of \(Format.count(seats, "seat")) used"
      if short > 0, !isBrief { text = "license: \(Format.count(seats, "seat"))" }
    }
    if short > 0 { text += ", \(Format.grouped(short)) SHORT" }
    switch state {
    case .known(.none), .known(.valid): return text
    case .known(.grace): return text + (isBrief ? ", grace" : ", in the grace period")
    case .known, .unrecognized: return "\(text), \(state.rawValue)"
    }
  }

  package func style(short: Int) -> Style {
    if short > 0 { return .colored(.red, isBold: true) }
    return switch state {
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
