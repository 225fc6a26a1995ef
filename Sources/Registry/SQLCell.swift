internal import ClusterModel

/// A value that stands in one column.
protocol SQLCell: SQLWritable, Sendable {
  /// - Throws: `InvalidValue` naming the column.
  init(cell: SQLValue, column: String) throws(InvalidValue)
}

extension SQLCell where Self: SQLReadable {
  init(cell: SQLValue, column: String) throws(InvalidValue) {
    guard cell != .null else { throw InvalidValue(field: column, complaint: "is missing") }
    guard let value = Self(cell) else {
      throw InvalidValue(field: column, complaint: "is of another kind")
    }
    self = value
  }
}

extension Int: SQLCell {}
extension Int64: SQLCell {}
extension Bool: SQLCell {}
extension String: SQLCell {}

/// NULL is nil.
extension Optional: SQLCell where Wrapped: SQLCell {
  init(cell: SQLValue, column: String) throws(InvalidValue) {
    self = cell == .null ? nil : try Wrapped(cell: cell, column: column)
  }
}

/// Milliseconds since 1970.
extension Timestamp: SQLCell {
  var sqlValue: SQLValue { .integer(milliseconds) }

  init(cell: SQLValue, column: String) throws(InvalidValue) {
    self.init(milliseconds: try Int64(cell: cell, column: column))
  }
}

extension InstanceID: SQLCell {
  var sqlValue: SQLValue { .text(text) }

  init(cell: SQLValue, column: String) throws(InvalidValue) {
    try self.init(String(cell: cell, column: column))
  }
}

extension Address: SQLCell {
  var sqlValue: SQLValue { .text(description) }

  init(cell: SQLValue, column: String) throws(InvalidValue) {
    try self.init(String(cell: cell, column: column), field: column)
  }
}

/// A name of a list.
extension SQLCell where Self: RawRepresentable<String> {
  var sqlValue: SQLValue { .text(rawValue) }

  init(cell: SQLValue, column: String) throws(InvalidValue) {
    guard let value = Self(rawValue: try String(cell: cell, column: column)) else {
      throw InvalidValue(field: column, complaint: "has a name that is not known")
    }
    self = value
  }
}

extension Admission: SQLCell {}
extension ActorKind: SQLCell {}
