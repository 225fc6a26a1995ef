internal import CellGrid
package import ClusterModel

/// Widths that follow what is in the cluster, so that nothing is cut without need.
package struct Measures: Equatable, Sendable {
  package var id = 5
  /// Columns of the largest number of sessions.
  package var digits = 3
  package var address = 14
  package var admission = 9
  package var health = 11
  package var license = 7
  /// 0 where there is nothing to remark.
  package var remark = 0
  /// Of the columns that show a text of the instances' own.
  package var said: [ColumnName: Int] = [:]

  /// Holds `by 10:57 2.0/m 59m`.
  private static let remark = 18

  package init() {}

  package init(_ instances: [InstanceStatus]) {
    let own = Column.all.filter { $0.said != nil }
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
      license = max(license, min(40, instance.licenseText.columns))
      if instance.drain != nil { remark = Self.remark }
      let reason = instance.healthReason.map { $0.columns + 2 } ?? 0
      // Six columns for its age: `23h59m`.
      health = max(health, min(60, instance.healthText.columns + 7 + reason))
    }
  }
}
