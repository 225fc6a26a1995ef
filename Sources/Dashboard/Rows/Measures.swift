internal import CellGrid
package import ClusterModel

/// Widths that follow the contents of the cluster, so that nothing is cut without need.
package struct Measures: Equatable, Sendable {
  package var id = 5
  /// The width of the largest number of sessions.
  package var digits = 3
  /// Columns of the sessions that no notice reaches; 0 where there are none.
  package var withoutNotices = 0
  package var address = 14
  package var admission = 9
  package var health = 11
  package var license = 7
  /// The width of the text for servers without a seat; 0: all have one.
  package var shortage = 0
  package var role = 5
  /// At least the longest state that occurs without an operator, so that no column moves for it.
  package var state = 11
  /// 0 where there is no remark.
  package var remark = 0
  /// The text where servers have no seat: `2 seats, 3 servers`; nil: unknown.
  package var seats: String?
  /// The widths of the columns with texts of the instances themselves.
  package var said: [ColumnName: Int] = [:]

  /// Wide enough for `ends 10:57 2.0/min 59m` with ` restart`.
  private static let remark = 22
  private static let restart = 8

  package init() {}

  /// - Parameter seats: The license seats of the cluster; nil: unlimited, or not known.
  package init(_ instances: [InstanceStatus], seats: Int? = nil) {
    if let seats {
      let servers = instances.count { $0.license != .notRequired && !$0.role.isLoadBalancer }
      self.seats = "\(Format.count(seats, "seat")), \(Format.count(servers, "server"))"
    }
    let own = Column.all.filter { $0.said != nil }
    makeRoom(for: instances)
    for instance in instances {
      for column in own {
        guard let text = column.said?(instance) else { continue }
        said[column.name] = max(said[column.name] ?? 0, text.columns)
      }
      id = max(id, min(24, instance.id.text.utf8.count))
      let most = max(instance.load.connected, instance.load.maximum)
      digits = max(digits, Format.grouped(most).utf8.count)
      address = max(address, min(40, "\(instance.address)".utf8.count))
      admission = max(admission, min(60, instance.admissionText.columns))
      if !instance.role.isLoadBalancer {
        license = max(license, min(40, instance.licenseText(seats: self.seats).columns))
        if self.seats != nil, instance.license.isUnlicensed {
          shortage = max(shortage, min(26, instance.licenseText(seats: self.seats).columns))
        }
      }
      role = max(role, min(12, instance.roleText.columns))
      state = max(state, min(24, instance.stateColumns))
      if let drain = instance.drain {
        remark = max(remark, Self.remark + (drain.untilRestart ? Self.restart : 0))
      }
      let reason = instance.healthReason.map { $0.columns + 2 } ?? 0
      // Six columns for its age: `23h59m`.
      health = max(health, min(60, instance.healthText.columns + 7 + reason))
    }
  }

  /// Makes room for what loads alone bring. It stays until more than loads changes: a column that
  /// came and went with each session would let no eye rest.
  mutating func makeRoom(for instances: [InstanceStatus]) {
    guard withoutNotices == 0 else { return }
    if instances.contains(where: { $0.load.withoutNotices > 0 }) { withoutNotices = 9 }
  }
}
