internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the cluster as the balancer sees it.")

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.show("/v1/status", as: ClusterSnapshot.self) {
      $0.overview + [""] + $0.table.lines
    }
  }
}

extension ClusterSnapshot {
  /// The lines about the cluster as a whole.
  fileprivate var overview: [String] {
    let seats = license.seats.map { "seats \(license.seatsUsed) of \($0)" }
    let servers = instances.filter { !$0.role.isLoadBalancer }
    let connected = servers.reduce(0) { $0 + $1.load.connected }
    let maximum = servers.reduce(0) { $0 + $1.load.maximum }
    return [
      "cluster \(cluster) at \(at)",
      "balancer \(balancer.id), version \(balancer.version), "
        + "registry \(balancer.registry.kind) \(balancer.registry.state.rawValue)"
        + (balancer.registry.remark.map { ": \($0)" } ?? ""),
      "license \(license.state.rawValue), \(seats ?? "seats \(license.seatsUsed)")"
        + (license.expiresAt.map { ", expiry \($0.day)" } ?? "")
        + (license.reason.map { ": \($0)" } ?? ""),
      "sessions \(connected) of \(maximum), handshakes \(handshakes.total), "
        + "\(handshakes.perSecond) a second"
        + (handshakes.balancers.count > 1
          ? ", \(handshakes.perSecondOfAll) at \(handshakes.balancers.count) balancers" : ""),
    ]
  }

  fileprivate var table: TextTable {
    var table = TextTable(columns: [
      .left("ID"), .left("STATE"), .right("LIST"), .right("CONNECTED"), .right("RESERVED"),
      .right("MAXIMUM"), .right("WORKLOAD"), .left("LICENSE"), .left("ADDRESS"),
      .left("SERVICES"), .left("REMARK"),
    ])
    let seats = seatWords
    // An empty column is left out.
    let hasZones = instances.contains { $0.zone != nil }
    if hasZones { table.columns.insert(.left("ZONE"), at: table.columns.count - 1) }
    var places: [InstanceID: Int] = [:]
    for (place, id) in handshakeList.enumerated() { places[id] = place + 1 }
    for instance in instances {
      let services = instance.role.services.joined(separator: ",")
      let load = instance.load
      let counts = [load.connected, load.reserved, load.maximum].map {
        instance.role.isLoadBalancer ? "-" : "\($0)"
      }
      table.rows.append(
        [
          instance.id.text, instance.state.name, places[instance.id].map(String.init) ?? "-",
          counts[0], counts[1], counts[2], load.workload.percent,
          instance.role.isLoadBalancer ? "-" : instance.license.words(seats: seats),
          "\(instance.address)",
          instance.role.isLoadBalancer ? "-" : services,
        ] + (hasZones ? [PlainText.cleaned(instance.zone ?? "-")] : []) + [instance.remark])
    }
    return table
  }

  /// `2 seats, 3 servers`; nil where there are enough seats.
  private var seatWords: String? {
    let servers = instances.count { $0.license != .notRequired && !$0.role.isLoadBalancer }
    return license.seats.map {
      "\($0) \($0 == 1 ? "seat" : "seats"), \(servers) \(servers == 1 ? "server" : "servers")"
    }
  }
}

extension InstanceStatus {
  /// Other things worth knowing, in one line.
  fileprivate var remark: String {
    var remarks: [String] = []
    if let undelivered { remarks.append("has not confirmed its order: \(undelivered)") }
    if let healthReason { remarks.append(healthReason) }
    if let application {
      remarks.append(
        "application \(application.state.rawValue) since \(application.since)"
          + (application.reason.map { ": \($0)" } ?? ""))
    }
    if load.withoutNotices > 0 {
      remarks.append("\(load.withoutNotices) of its sessions \(noticeWords)")
    }
    if let slowStartUntil { remarks.append("slow start until \(slowStartUntil)") }
    if record.admission == .rejecting {
      let reason = record.admissionReason.map { ": \($0)" } ?? ""
      remarks.append("drained by \(admissionByWords)\(reason)")
    }
    if let deadline = record.drain?.deadline { remarks.append("deadline \(deadline)") }
    return remarks.joined(separator: "; ")
  }
}

extension Double? {
  /// A share for display: `68.3%`, `-` where there is none.
  var percent: String {
    guard let share = self else { return "-" }
    let tenths = Int((share * 1_000).rounded())
    return "\(tenths / 10).\(tenths % 10)%"
  }
}
