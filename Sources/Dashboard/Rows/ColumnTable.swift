internal import CellGrid
internal import ClusterModel

extension Column {
  /// Every column, in the order of the screen. Table, sort keys, help and `--sort` read it.
  package static let all: [Column] = [
    Column(
      .id, "INSTANCE", help: "Id of the instance",
      width: { max(8, $0.id) }, least: { _ in 8 }, weight: 100,
      text: { row, _ in StyledText(row.instance.id.text, .bold) }),
    Column(
      .role, "ROLE",
      help: "Load balancer (LB), or what the server serves; a+b is short for app+batch",
      width: { _ in 5 }, widest: { $0.role }, weight: 90,
      sortKey: { SortKey(text: $0.roleText) },
      text: { row, width in StyledText(row.instance.roleText(columns: width)) }),
    Column(
      .state, "STATE",
      help: "What it does now; draining 12/20: 12 of 20 sessions left; pending: the order has not "
        + "reached it yet",
      width: { $0.state }, least: { min(14, $0.state) }, weight: 98,
      sortKey: { SortKey(stateRank($0), text: $0.state.name) },
      text: { row, _ in
        row.isUnseen
          ? StyledText("drained ● new", .warning)
          : StyledText(stateText(row), row.instance.stateStyle)
      }),
    Column(
      .sessions, "SESSIONS",
      help: "Open sessions / maximum; 45? is the last known number of an instance that does not "
        + "answer",
      width: { max(8, 2 * $0.digits + 2) }, least: { 2 * $0.digits + 1 }, weight: 96,
      alignment: .right,
      startsDescending: true, dependsOnLoad: true,
      sortKey: { SortKey(Double($0.load.connected)) }, text: { row, _ in sessions(row) }),
    Column(
      .load, "LOAD",
      help: "Sessions and reserved places as a share of the maximum; for a balancer its handshakes "
        + "per second",
      width: { _ in 9 }, widest: { _ in 22 }, least: { _ in 6 }, weight: 94,
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
      .notices, "NO NOTICE",
      help: "Of the open sessions, those that no notice of a drain reaches: each is one connection "
        + "by CONNECT, and ends with it",
      width: { $0.withoutNotices }, weight: 42, alignment: .right, startsDescending: true,
      dependsOnLoad: true, sortKey: { SortKey(Double($0.load.withoutNotices)) },
      text: { row, _ in
        let count = row.instance.load.withoutNotices
        return StyledText(count == 0 ? "" : Format.grouped(count))
      }),
    Column(
      .trend, "5 MIN", help: "Load of the last five minutes; sorted by their mean",
      width: { _ in 6 }, widest: { _ in 20 }, weight: 70, startsDescending: true,
      timedKey: { SortKey($1.meanLoad($0.id) ?? -1) },
      text: { row, width in
        let line = Sparkline(row.trend, capacity: LoadTrends.length)
        return StyledText(line.text(columns: width), .colored(.cyan))
      }),
    Column(
      .license, "LICENSE",
      help: "License seat, or none and why; – for a balancer, which needs none",
      // If there are too few seats, an operator looks for that.
      width: { max(8, $0.shortage) }, widest: { $0.license }, least: { _ in 7 }, weight: 92,
      sortKey: { SortKey(Double($0.license.seat ?? 0), text: $0.license.name) },
      text: { row, width in license(row, width) }),
    Column(
      .drain, "DRAIN",
      help: "When its drain ends (ends 13:06: a deadline; ~13:09: an estimate), how many "
        + "leave per minute, since when; restart: the instance's restart ends it",
      // While something drains, an operator looks at that.
      width: { min(11, $0.remark) }, widest: { $0.remark }, weight: 75,
      dependsOnLoad: true, timedKey: { SortKey(drainRank($0, $1)) },
      text: { row, width in StyledText(row.drain?.remark(columns: width) ?? "") }),
    Column(
      .health, "HEALTH", help: "What the balancer observes, since when, and why",
      width: { min(12, $0.health) }, widest: { $0.health }, weight: 50,
      sortKey: { SortKey(-Double($0.healthSince.milliseconds)) }, text: { row, _ in health(row) }),
    Column(
      .admission, "ADMISSION", help: "Accepting or rejecting: set by whom, and why",
      width: { min(12, $0.admission) }, widest: { $0.admission }, weight: 45,
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
      .version, "VERSION", help: "Version of its program", weight: 20, unsaid: "unknown",
      said: { $0.version }),
    Column(
      .zone, "ZONE", help: "Where it is: rack, data centre", weight: 25,
      said: { $0.zone }),
  ]

  private static func stateText(_ row: RowContext) -> String {
    if case .draining = row.instance.state, row.instance.delivered, let drain = row.drain {
      return drain.state
    }
    return row.instance.stateText
  }

  private static func sessions(_ row: RowContext) -> StyledText {
    let load = row.instance.load
    // It takes none; the dash is in the column of the slashes.
    if row.instance.role.isLoadBalancer {
      return StyledText("—" + String(repeating: " ", count: row.measures.digits))
    }
    let maximum = Format.grouped(load.maximum)
    // The slashes are below each other.
    let blanks = String(repeating: " ", count: max(0, row.measures.digits - maximum.utf8.count))
    let text = "\(row.instance.connectedText)/\(maximum)\(blanks)"
    guard row.instance.isLoadKnown else { return StyledText(text, Style(isDim: true)) }
    return StyledText(
      text, load.connected > load.maximum ? .colored(.red, isBold: true) : .plain)
  }

  private static func load(_ row: RowContext, _ width: Int) -> StyledText {
    let instance = row.instance
    if instance.role.isLoadBalancer {
      guard let handshakes = row.handshakes else {
        return StyledText(Format.padded("—", to: width))
      }
      return StyledText("\(Format.rate(handshakes))/s")
    }
    guard instance.isLoadKnown else {
      let bar = String(repeating: "░", count: max(0, width - 6))
      return StyledText(bar + Format.padded("?", to: width - bar.count), Style(isDim: true))
    }
    let figure = Format.padded(Format.percent(instance.load.workload), to: 5)
    let bar = Bar(instance.load.workload).text(columns: width - figure.count - 1)
    return row.thresholds.text(
      bar: bar, figure: (bar.isEmpty ? "" : " ") + figure, of: instance.load.workload)
  }

  /// If the reason does not fit, only `none` is shown, since half a reason is useless.
  private static func license(_ row: RowContext, _ width: Int) -> StyledText {
    let instance = row.instance
    if instance.role.isLoadBalancer { return StyledText("–") }
    let text = instance.licenseText(seats: row.measures.seats)
    guard instance.license.isUnlicensed else { return StyledText(text) }
    return StyledText(text.columns > width ? "none" : text, .colored(.red, isBold: true))
  }

  private static func health(_ row: RowContext) -> StyledText {
    let instance = row.instance
    let style = instance.health == .alive ? Style.plain : instance.stateStyle
    var text = "\(instance.healthText) \(row.healthAge)"
    if let reason = instance.healthReason { text += ": \(PlainText.cleaned(reason))" }
    return StyledText(text, style)
  }

  /// The drain that ends first comes first; then those with an unknown end, those that are over,
  /// and instances that do not drain.
  private static func drainRank(_ instance: InstanceStatus, _ facts: SortFacts) -> Double {
    guard instance.drain != nil else { return .infinity }
    if instance.load.connected == 0 { return 2e18 }
    return facts.drainEnd(instance).map { Double($0.milliseconds) } ?? 1e18
  }

  /// The worst first.
  private static func stateRank(_ instance: InstanceStatus) -> Double {
    switch instance.state {
    case .unreachable: 0
    case .stopped: 1
    case .notYetSeen: 2
    case .applicationDown: 2.5
    case .unlicensed: 3
    case .full: 4
    case .draining: 5
    case .drained: 6
    case .accepting: 7
    case .balancing: 8
    // Visible, below what is known to be bad.
    case .unrecognized: 3.5
    }
  }
}
