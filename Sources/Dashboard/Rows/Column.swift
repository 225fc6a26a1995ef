package import CellGrid
package import ClusterModel

/// The names of the columns, as `--sort` takes them.
package enum ColumnName: String, Hashable, Sendable, CaseIterable {
  case id, role, state, sessions, load, reserved, notices, trend, license, drain, health, admission
  case address, version, zone

  /// From 80 columns on these are always in the table.
  package var isNeeded: Bool {
    switch self {
    case .id, .role, .state, .sessions, .load, .license: true
    case .reserved, .notices, .trend, .drain, .health, .admission, .address, .version, .zone:
      false
    }
  }
}

/// What a row is drawn from.
package struct RowContext {
  package var instance: InstanceStatus
  package var measures: Measures
  /// The balancer's clock now.
  package var now: Timestamp
  /// Workloads of the last minutes, oldest first.
  package var trend: [Double?]
  package var drain: DrainProgress?
  /// Of the balancer that tells all this: handshakes that it answers a second.
  package var handshakes: Double?
  /// It is drained, and no operator has looked since.
  package var isUnseen = false
  package var thresholds = LoadThresholds()
}

/// One column of the table of instances: its name, its help, and how its cells look and sort.
package struct Column: Sendable {
  package let name: ColumnName
  package let title: String
  /// What it shows, for the help screen.
  package let help: String
  package let width: @Sendable (Measures) -> Int
  /// Most columns of the screen it can use.
  package let widest: @Sendable (Measures) -> Int
  /// What it can do with on a narrow screen.
  package let least: @Sendable (Measures) -> Int
  /// The heavier, the longer it stays in a narrow table.
  package let weight: Int
  package let alignment: Alignment
  /// Nil: the natural order of ids.
  package let sortKey: (@Sendable (InstanceStatus, SortFacts) -> SortKey)?
  /// The first order is from the highest.
  package let startsDescending: Bool
  package let dependsOnLoad: Bool
  /// Time alone can change the order, at the pace of the trends.
  package let followsTime: Bool
  /// What stands in a field of this many columns.
  package let text: @Sendable (RowContext, Int) -> StyledText
  /// Of a column that shows a text of the instance's own: that text. Details and filter take it
  /// from here.
  let said: (@Sendable (InstanceStatus) -> String?)?
  /// What the details say where it says none; nil: nothing.
  let unsaid: String?

  init(
    _ name: ColumnName, _ title: String, help: String,
    width: @escaping @Sendable (Measures) -> Int,
    widest: (@Sendable (Measures) -> Int)? = nil, least: (@Sendable (Measures) -> Int)? = nil,
    weight: Int, alignment: Alignment = .left,
    startsDescending: Bool = false, dependsOnLoad: Bool = false,
    sortKey: (@Sendable (InstanceStatus) -> SortKey)? = nil,
    timedKey: (@Sendable (InstanceStatus, SortFacts) -> SortKey)? = nil,
    said: (@Sendable (InstanceStatus) -> String?)? = nil, unsaid: String? = nil,
    text: @escaping @Sendable (RowContext, Int) -> StyledText
  ) {
    self.name = name
    self.title = title
    self.help = help
    self.width = width
    self.widest = widest ?? width
    self.least = least ?? width
    self.weight = weight
    self.alignment = alignment
    self.startsDescending = startsDescending
    self.dependsOnLoad = dependsOnLoad
    followsTime = timedKey != nil
    if let sortKey {
      self.sortKey = { instance, _ in sortKey(instance) }
    } else {
      self.sortKey = timedKey
    }
    self.text = text
    self.said = said
    self.unsaid = unsaid
  }

  /// A text of the instance's own, as wide as the longest. Where none has one there is no such
  /// column, unless its absence is worth a word.
  init(
    _ name: ColumnName, _ title: String, help: String, weight: Int, unsaid: String? = nil,
    said: @escaping @Sendable (InstanceStatus) -> String?
  ) {
    self.init(
      name, title, help: help,
      width: { min(24, max(unsaid == nil ? 0 : 1, $0.said[name] ?? 0)) }, weight: weight,
      sortKey: { SortKey(text: said($0) ?? "") }, said: said, unsaid: unsaid,
      text: { row, _ in StyledText(PlainText.cleaned(said(row.instance) ?? "—")) })
  }

  package static func named(_ name: ColumnName) -> Column {
    all.first { $0.name == name } ?? all[0]
  }
}
