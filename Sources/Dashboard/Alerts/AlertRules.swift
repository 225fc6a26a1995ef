internal import ClusterModel

/// The present state of a condition that is worth an alert.
struct AlertCondition: Equatable, Sendable {
  var key: Alert.Key
  var level: Alert.Level
  var text: String
  /// When it began, by the balancer's clock; nil: now.
  var since: Timestamp?

  init(
    _ kind: Alert.Kind, of id: InstanceID? = nil, _ level: Alert.Level, _ text: String,
    since: Timestamp? = nil
  ) {
    key = Alert.Key(kind: kind, instance: id)
    self.level = level
    self.text = text
    self.since = since
  }
}

/// When a condition is worth an alert.
enum AlertRules {
  static let undeliveredMilliseconds: Int64 = 5_000
  static let forgottenMilliseconds: Int64 = 86_400_000

  /// Whether time alone can cause an alert for it.
  static func isTimed(_ instance: InstanceStatus) -> Bool {
    !instance.role.isLoadBalancer && (!instance.delivered || instance.admission == .rejecting)
  }

  /// The alert conditions of an instance.
  ///
  /// - Parameters:
  ///   - undeliveredFor: How many milliseconds its newest order has not reached it.
  ///   - heldLoad: The level of its load a moment ago.
  static func conditions(
    of instance: InstanceStatus, at clock: Timestamp, undeliveredFor: Int64,
    heldLoad: Alert.Level?, _ thresholds: LoadThresholds
  ) -> [AlertCondition] {
    let id = instance.id
    var found: [AlertCondition] = []
    if instance.health == .unreachable {
      found.append(lost(instance))
    }
    if instance.role.isLoadBalancer { return found }
    if instance.state == .applicationDown, let application = instance.application {
      let reason = application.reason.map { ": \(PlainText.cleaned($0))" } ?? ""
      found.append(
        AlertCondition(
          .application, of: id, .critical, "application down" + reason, since: application.since))
    }
    if instance.health == .alive,
      let level = thresholds.level(of: instance.load.workload, held: heldLoad)
    {
      found.append(AlertCondition(.load, of: id, level, loadText(instance.load)))
    }
    let canObey =
      instance.health == .alive
      || instance.health == .unreachable && !instance.isAwaited
    if !instance.delivered, canObey, undeliveredFor >= undeliveredMilliseconds {
      found.append(
        AlertCondition(
          .undelivered, of: id, .warning, "\(instance.admission.rawValue) is not delivered yet"))
    }
    let since = instance.drain?.startedAt ?? instance.admissionAt
    if instance.admission == .rejecting,
      clock.milliseconds(since: since) >= forgottenMilliseconds
    {
      let who = instance.admissionByWords
      found.append(
        AlertCondition(
          .forgottenDrain, of: id, .warning, "has rejected new clients for a day (\(who))",
          since: since.adding(milliseconds: forgottenMilliseconds)))
    }
    return found
  }

  /// An instance that was added before its start has lost nothing.
  private static func lost(_ instance: InstanceStatus) -> AlertCondition {
    let reason = instance.healthReason.map { ": \(PlainText.cleaned($0))" } ?? ""
    return AlertCondition(
      .lost, of: instance.id, instance.isAwaited ? .warning : .critical,
      (instance.isAwaited ? "not started yet" : "unreachable") + reason,
      since: instance.healthSince)
  }

  private static func loadText(_ load: Load) -> String {
    "load \(Format.percent(load.workload)) (\(load.figures)"
      + (load.reserved > 0 ? ", \(Format.grouped(load.reserved)) reserved)" : ")")
  }

  /// The alert conditions of the whole cluster.
  ///
  /// - Parameter unlicensed: Servers without a seat.
  static func conditions(
    of snapshot: ClusterSnapshot, _ totals: Totals, unlicensed: Set<InstanceID>,
    heldLoad: Alert.Level?, _ thresholds: LoadThresholds
  ) -> [AlertCondition] {
    var found: [AlertCondition] = []
    let isListEmpty = snapshot.handshakeList.isEmpty
    if isListEmpty || totals.accepting == 0, totals.servers > 0 {
      let text = isListEmpty ? "no server takes clients" : "every server of the list is full"
      found.append(AlertCondition(.noService, .critical, text))
    }
    if snapshot.balancer.registry.state == .unavailable {
      found.append(
        AlertCondition(.registry, .critical, "the registry is away: nothing can be changed"))
    }
    if let license = license(snapshot.license) { found.append(license) }
    if !unlicensed.isEmpty {
      let seats = snapshot.license.seats.map {
        " (\(Format.count($0, "seat")), \(Format.count(totals.servers, "server")))"
      }
      let have = unlicensed.count == 1 ? "has" : "have"
      found.append(
        AlertCondition(
          .seats, .critical, "\(named(unlicensed)) \(have) no license seat\(seats ?? "")"))
    }
    if let level = thresholds.level(of: totals.workload, held: heldLoad) {
      found.append(
        AlertCondition(
          .listLoad, level,
          "load of the list \(Format.percent(totals.workload)) "
            + "(\(totals.listText(isBrief: true)))"))
    }
    return found
  }

  /// A few by name, more by number.
  private static func named(_ ids: Set<InstanceID>) -> String {
    guard ids.count <= 3 else { return Format.count(ids.count, "server") }
    return ids.sorted { NaturalOrder.precedes($0.text, $1.text) }.map(\.text)
      .joined(separator: ", ")
  }

  private static func license(_ license: LicenseSummary) -> AlertCondition? {
    let end = license.expiresAt.map { " (end \($0.description.prefix(10)))" } ?? ""
    switch license.state {
    // A state that is not understood is shown in the header and causes no alert.
    case .known(.none), .known(.valid), .unrecognized: return nil
    case .known(.expiring):
      return AlertCondition(.license, .warning, "license expires soon\(end)")
    case .known(.grace):
      return AlertCondition(.license, .critical, "license expired, in the grace period\(end)")
    case .known(.expired): return AlertCondition(.license, .critical, "license expired\(end)")
    case .known(.invalid): return AlertCondition(.license, .critical, "license invalid")
    }
  }
}
