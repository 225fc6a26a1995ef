package import ClusterModel

/// By which column the instances stand, and which way round.
package struct SortOrder: Hashable, Sendable {
  package var column: ColumnName
  package var isDescending: Bool

  package init(column: ColumnName, isDescending: Bool = false) {
    self.column = column
    self.isDescending = isDescending
  }

  package static let byID = SortOrder(column: .id)

  /// The order that an operator names on the command line; numbers start with the highest.
  ///
  /// Nil for a name that no sortable column has.
  package init?(named name: String) {
    guard let column = Column.all.first(where: { $0.name.rawValue == name && $0.isSortable })
    else { return nil }
    self.init(column: column.name, isDescending: column.startsDescending)
  }

  /// What `--sort` takes.
  package static var names: [String] {
    Column.all.filter(\.isSortable).map(\.name.rawValue)
  }

  /// The next or previous sortable column.
  package func moved(by step: Int) -> SortOrder {
    let columns = Column.all.filter(\.isSortable)
    let place = columns.firstIndex { $0.name == column } ?? 0
    let next = columns[(place + step + columns.count) % columns.count]
    return SortOrder(column: next.name, isDescending: next.startsDescending)
  }

  /// Places of instances in this order; equal ones keep the order they come in, that of ids.
  package func sorted(_ places: [Int], of instances: [InstanceStatus]) -> [Int] {
    guard let key = Column.named(column).sortKey else {
      return isDescending ? places.reversed() : places
    }
    var keyed = places.enumerated().map { (key: key(instances[$1]), rank: $0, place: $1) }
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
}

/// What a column is sorted by: the number, then the text.
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
