internal import ClusterModel

/// A value in one column.
protocol SQLCell: Sendable {
  var sqlValue: SQLValue { get }

  /// - Throws: `InvalidValue` naming the column.
  init(cell: SQLValue, column: String) throws(InvalidValue)
}

/// A value of a type that databases know.
protocol SQLPrimitive: SQLCell {
  /// Nil for a value of another kind, or one that does not fit.
  init?(_ value: SQLValue)
}

extension SQLPrimitive {
  init(cell: SQLValue, column: String) throws(InvalidValue) {
    guard cell != .null else { throw InvalidValue(field: column, complaint: "is missing") }
    guard let value = Self(cell) else {
      throw InvalidValue(field: column, complaint: "is of another kind")
    }
    self = value
  }
}

extension Int64: SQLPrimitive {
  var sqlValue: SQLValue { .integer(self) }

  init?(_ value: SQLValue) {
    guard case .integer(let number) = value else { return nil }
    self = number
  }
}

extension Int: SQLPrimitive {
  var sqlValue: SQLValue { .integer(Int64(self)) }

  init?(_ value: SQLValue) {
    guard case .integer(let number) = value else { return nil }
    self.init(exactly: number)
  }
}

extension Bool: SQLPrimitive {
  var sqlValue: SQLValue { .truth(self) }

  init?(_ value: SQLValue) {
    switch value {
    case .truth(let truth): self = truth
    case .integer(let number): self = number != 0  // SQLite knows no other truth
    default: return nil
    }
  }
}

extension String: SQLPrimitive {
  var sqlValue: SQLValue { .text(self) }

  init?(_ value: SQLValue) {
    guard case .text(let text) = value else { return nil }
    self = text
  }
}

extension [UInt8]: SQLCell, SQLPrimitive {
  var sqlValue: SQLValue { .bytes(self) }

  init?(_ value: SQLValue) {
    guard case .bytes(let bytes) = value else { return nil }
    self = bytes
  }
}

/// NULL is nil.
extension Optional: SQLCell where Wrapped: SQLCell {
  var sqlValue: SQLValue { self?.sqlValue ?? .null }

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

/// A name of an enumeration.
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
