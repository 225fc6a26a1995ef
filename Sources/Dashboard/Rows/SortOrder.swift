package import ClusterModel

/// The column by which the instances are sorted, and the direction.
package struct SortOrder: Hashable, Sendable {
  package var column: ColumnName
  package var isDescending: Bool

  package init(column: ColumnName, isDescending: Bool = false) {
    self.column = column
    self.isDescending = isDescending
  }

  package static let byID = SortOrder(column: .id)

  /// The order for a name on the command line; numbers start with the highest.
  ///
  /// Nil for a name that no column has.
  package init?(named name: String) {
    guard let column = Column.all.first(where: { $0.name.rawValue == name }) else { return nil }
    self.init(column: column.name, isDescending: column.startsDescending)
  }

  /// The names for `--sort`.
  package static var names: [String] {
    Column.all.map(\.name.rawValue)
  }

  /// The next or previous column.
  package func moved(by step: Int) -> SortOrder {
    let columns = Column.all
    let place = columns.firstIndex { $0.name == column } ?? 0
    let next = columns[(place + step + columns.count) % columns.count]
    return SortOrder(column: next.name, isDescending: next.startsDescending)
  }

  /// The indices of instances in this order; equal ones stay in the order of their ids.
  package func sorted(
    _ places: [Int], of instances: [InstanceStatus], _ facts: SortFacts
  ) -> [Int] {
    guard let key = Column.named(column).sortKey else {
      return isDescending ? places.reversed() : places
    }
    var keyed = places.enumerated().map { (key: key(instances[$1], facts), rank: $0, place: $1) }
    keyed.sort { left, right in
      if left.key != right.key {
        return isDescending ? right.key < left.key : left.key < right.key
      }
      return left.rank < right.rank
    }
    return keyed.map(\.place)
  }

  /// Whether a change of load alone can change the order.
  package var dependsOnLoad: Bool { Column.named(column).dependsOnLoad }

  /// Whether time alone can change the order.
  package var followsTime: Bool { Column.named(column).followsTime }
}

/// Data for sorting that instances do not report themselves.
package struct SortFacts: Sendable {
  /// When the last session is expected to have left; nil where this is not known.
  package var drainEnd: @Sendable (InstanceStatus) -> Timestamp?
  /// The mean of the workloads of the last minutes; nil where none is known.
  package var meanLoad: @Sendable (InstanceID) -> Double?

  package init(
    drainEnd: @escaping @Sendable (InstanceStatus) -> Timestamp?,
    meanLoad: @escaping @Sendable (InstanceID) -> Double?
  ) {
    self.drainEnd = drainEnd
    self.meanLoad = meanLoad
  }

  /// The data of a single picture: the mean rate of each drain, and the current load.
  package init(of snapshot: ClusterSnapshot) {
    self.init(
      drainEnd: { instance in
        instance.drain.flatMap { drain in
          let left = instance.load.connected
          return DrainProgress(drain, left: left, at: snapshot.at, earlier: nil).endsAt
        }
      }, meanLoad: { snapshot[$0]?.load.workload })
  }
}

/// The sort key of a row: the number, then the text.
package struct SortKey: Hashable, Comparable, Sendable {
  package var number: Double
  package var text: String

  package init(_ number: Double = 0, text: String = "") {
    self.number = number
    self.text = text
  }

  package static func < (left: SortKey, right: SortKey) -> Bool {
    left.number != right.number ? left.number < right.number : left.text < right.text
  }
}
