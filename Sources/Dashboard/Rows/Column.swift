package import CellGrid
package import ClusterModel

/// The names of the columns, as in `--sort`.
package enum ColumnName: String, Hashable, Sendable, CaseIterable {
  case id, role, state, sessions, load, reserved, notices, trend, license, drain, health, admission
  case address, version, zone

  /// Whether the column is always in a table of 80 columns or more.
  package var isNeeded: Bool {
    switch self {
    case .id, .role, .state, .sessions, .load, .license: true
    case .reserved, .notices, .trend, .drain, .health, .admission, .address, .version, .zone:
      false
    }
  }
}

/// The values that a row is drawn from.
package struct RowContext: Equatable {
  package var instance: InstanceStatus
  package var measures: Measures
  /// How long it has had its present health: `12m`.
  package var healthAge: String
  /// Workloads of the last minutes, oldest first.
  package var trend: [Double?]
  package var drain: DrainProgress?
  /// For the balancer that sends the feed: its handshakes a second.
  package var handshakes: Double?
  /// Whether it was drained and no operator has looked since.
  package var isUnseen: Bool
  package var thresholds: LoadThresholds

  /// - Parameter now: The balancer's clock.
  package init(
    instance: InstanceStatus, measures: Measures, now: Timestamp, trend: [Double?],
    drain: DrainProgress? = nil, handshakes: Double? = nil, isUnseen: Bool = false,
    thresholds: LoadThresholds = LoadThresholds()
  ) {
    (self.instance, self.measures, self.trend, self.drain) = (instance, measures, trend, drain)
    healthAge = Format.span(milliseconds: now.milliseconds(since: instance.healthSince))
    (self.handshakes, self.isUnseen, self.thresholds) = (handshakes, isUnseen, thresholds)
  }
}

/// One column of the table of instances: its name, its help, and how its cells look and sort.
package struct Column: Sendable {
  package let name: ColumnName
  package let title: String
  /// The contents of the column, for the help screen.
  package let help: String
  package let width: @Sendable (Measures) -> Int
  /// The largest width that it can use.
  package let widest: @Sendable (Measures) -> Int
  /// The smallest width on a narrow screen.
  package let least: @Sendable (Measures) -> Int
  /// The columns with the highest weight stay longest in a narrow table.
  package let weight: Int
  package let alignment: Alignment
  /// Nil: the natural order of ids.
  package let sortKey: (@Sendable (InstanceStatus, SortFacts) -> SortKey)?
  /// Whether the first order is descending.
  package let startsDescending: Bool
  package let dependsOnLoad: Bool
  /// Whether time alone can change the order, at the pace of the trends.
  package let followsTime: Bool
  /// The text for a field of this many columns.
  package let text: @Sendable (RowContext, Int) -> StyledText
  /// For a column with a text of the instance itself: that text. The details and the filter use it,
  /// too.
  let said: (@Sendable (InstanceStatus) -> String?)?
  /// The text of the details where there is none; nil: nothing.
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

  /// A column with a text of the instance itself, as wide as the longest text. If no instance has
  /// one, there is no such column, unless `unsaid` is given.
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
