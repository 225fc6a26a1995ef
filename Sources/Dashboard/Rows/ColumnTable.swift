internal import CellGrid
internal import ClusterModel

extension Column {
  /// Every column, in the order of the screen. Table, sort keys, help and `--sort` read it.
  package static let all: [Column] = [
    Column(
      .id, "INSTANCE", help: "Id of the instance",
      width: { max(8, $0.id) }, weight: 100,
      text: { row, _ in StyledText(row.instance.id.text, .bold) }),
    Column(
      .role, "ROLE", help: "Load balancer, or what the server serves",
      width: { _ in 9 }, weight: 72,
      sortKey: { SortKey(text: $0.roleText) },
      text: { row, _ in StyledText(row.instance.roleText) }),
    Column(
      .state, "STATE",
      help: "What it does now; draining: left/begun with; pending: the instance was not told yet",
      width: { _ in 18 }, weight: 90,
      sortKey: { SortKey(stateRank($0), text: $0.state.name) },
      text: { row, _ in
        row.isUnseen
          ? StyledText("drained, unseen", .warning)
          : StyledText(stateText(row), row.instance.stateStyle)
      }),
    Column(
      .sessions, "SESSIONS", help: "Sessions open / most allowed",
      width: { max(8, 2 * $0.digits + 1) }, weight: 80, alignment: .right,
      startsDescending: true, dependsOnLoad: true,
      sortKey: { SortKey(Double($0.load.connected)) }, text: { row, _ in sessions(row) }),
    Column(
      .load, "LOAD", help: "Sessions and reserved places as a share of the maximum",
      width: { $0.remark > 0 ? 10 : 12 }, widest: { _ in 22 }, weight: 85,
      startsDescending: true,
      dependsOnLoad: true, sortKey: { SortKey($0.load.workload ?? -1) },
      text: { row, width in load(row, width) }),
    Column(
      .reserved, "RES", help: "Places reserved for clients on their way",
      width: { _ in 3 }, weight: 40, alignment: .right, startsDescending: true,
      dependsOnLoad: true, sortKey: { SortKey(Double($0.load.reserved)) },
      text: { row, _ in
        let reserved = row.instance.load.reserved
        return StyledText(reserved == 0 ? "" : "+\(Format.grouped(reserved))")
      }),
    Column(
      .trend, "LAST 5 MIN", help: "Load of the last five minutes; sorted by their mean",
      width: { _ in 10 }, widest: { _ in 20 }, weight: 70, startsDescending: true,
      timedKey: { SortKey($1.meanLoad($0.id) ?? -1) },
      text: { row, width in
        let line = Sparkline(row.trend, capacity: LoadHistory.length)
        return StyledText(line.text(columns: width), .colored(.cyan))
      }),
    Column(
      .health, "HEALTH", help: "What the balancer observes, since when, and why",
      width: { min(17, $0.health) }, widest: { $0.health }, weight: 50,
      sortKey: { SortKey(-Double($0.healthSince.milliseconds)) }, text: { row, _ in health(row) }),
    Column(
      .license, "LICENSE", help: "License seat, or why there is none",
      width: { min(10, $0.license) }, widest: { $0.license }, weight: 35,
      sortKey: { SortKey(Double($0.license.seat ?? 0), text: $0.license.name) },
      text: { row, _ in
        StyledText(
          row.instance.licenseText,
          row.instance.license.isUnlicensed ? .colored(.red, isBold: true) : .plain)
      }),
    Column(
      .admission, "ADMISSION", help: "The operators' wish, by whom and why",
      width: { min(24, $0.admission) }, widest: { $0.admission }, weight: 45,
      sortKey: { SortKey(text: $0.admissionText) },
      text: { row, _ in
        StyledText(row.instance.role.isLoadBalancer ? "—" : row.instance.admissionText)
      }),
    Column(
      .address, "ADDRESS", help: "Where clients reach it",
      width: { $0.address }, weight: 30,
      sortKey: { SortKey(text: "\($0.address)") },
      text: { row, _ in StyledText("\(row.instance.address)") }),
    Column(
      .version, "VERSION", help: "Version of its program", weight: 20, unsaid: "not seen yet",
      said: { $0.version }),
    Column(
      .zone, "ZONE", help: "Where it stands: rack, data centre", weight: 25,
      said: { $0.zone }),
    Column(
      .drain, "DRAIN",
      help: "Of a drain: by when it should be over (the order), how many leave a minute, "
        + "how long it lasts",
      // While something drains, that is what one looks at.
      width: { $0.remark }, widest: { $0.remark > 0 ? $0.remark + 5 : 0 }, weight: 75,
      dependsOnLoad: true, timedKey: { SortKey(drainRank($0, $1)) },
      text: { row, width in StyledText(row.drain?.remark(columns: width) ?? "") }),
  ]

  private static func stateText(_ row: RowContext) -> String {
    if case .draining = row.instance.state, row.instance.delivered, let drain = row.drain {
      return drain.state
    }
    return row.instance.stateText
  }

  private static func sessions(_ row: RowContext) -> StyledText {
    let load = row.instance.load
    // It takes none; the dash stands below the slashes.
    if row.instance.role.isLoadBalancer {
      return StyledText("—" + String(repeating: " ", count: row.measures.digits))
    }
    let maximum = Format.grouped(load.maximum)
    // The slashes stand below each other.
    let blanks = String(repeating: " ", count: max(0, row.measures.digits - maximum.utf8.count))
    let style = load.connected > load.maximum ? Style.colored(.red, isBold: true) : .plain
    return StyledText("\(Format.grouped(load.connected))/\(maximum)\(blanks)", style)
  }

  private static func load(_ row: RowContext, _ width: Int) -> StyledText {
    let instance = row.instance
    let figure = Format.padded(Format.percent(instance.load.workload), to: 5)
    if instance.role.isLoadBalancer { return StyledText(Format.padded("—", to: width)) }
    let bar = Bar(instance.load.workload).text(columns: width - figure.count - 1)
    return row.thresholds.text(bar: bar, figure: " " + figure, of: instance.load.workload)
  }

  private static func health(_ row: RowContext) -> StyledText {
    let instance = row.instance
    let age = Format.span(milliseconds: row.now.milliseconds(since: instance.healthSince))
    let style = instance.health == .alive ? Style.plain : instance.stateStyle
    var text = "\(instance.healthText) \(age)"
    if let reason = instance.healthReason { text += ": \(PlainText.cleaned(reason))" }
    return StyledText(text, style)
  }

  /// The drain that ends first stands first; then those of which that is not known, those that
  /// are over, and what does not drain.
  private static func drainRank(_ instance: InstanceStatus, _ facts: SortFacts) -> Double {
    guard instance.drain != nil else { return .infinity }
    if instance.load.connected == 0 { return 2e18 }
    return facts.drainEnd(instance).map { Double($0.milliseconds) } ?? 1e18
  }

  /// Worst first.
  private static func stateRank(_ instance: InstanceStatus) -> Double {
    switch instance.state {
    case .unreachable: 0
    case .stopped: 1
    case .notYetSeen: 2
    case .unlicensed: 3
    case .full: 4
    case .draining: 5
    case .drained: 6
    case .accepting: 7
    case .balancing: 8
    // In sight, below what is known to be bad.
    case .unrecognized: 3.5
    }
  }
}
