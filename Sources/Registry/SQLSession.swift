internal import ClusterModel

/// A value that is written to a database or read from it.
enum SQLValue: Equatable {
  case null
  case integer(Int64)
  case truth(Bool)
  case text(String)
  case bytes([UInt8])
}

/// A database inside a transaction, as far as the tables of a registry need it.
///
/// Both SQLite and PostgreSQL accept every statement: values are `$1`, `$2` … in the order of their
/// first appearance, never part of the text.
protocol SQLSession {
  /// Runs one statement and returns its rows.
  func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]
}

extension SQLSession {
  func execute(_ sql: String, _ values: [SQLValue]) throws {
    _ = try query(sql, values)
  }
}

/// A value that no release of this program writes, and its place.
struct UnreadableValue: PlainError {
  var place: String
  var description: String { place }
}

/// A row of a result. Its values are read from left to right by position, since each search by name
/// would take time.
struct SQLRow {
  /// The values in their order.
  let allValues: [SQLValue]
  private var place = 0

  init(_ values: [SQLValue]) {
    allValues = values
  }

  mutating func next<Value: SQLCell>(_ type: Value.Type = Value.self) throws -> Value {
    defer { place += 1 }
    let column = "column \(place + 1)"
    guard place < allValues.count else {
      throw InvalidValue(field: column, complaint: "is missing")
    }
    return try Value(cell: allValues[place], column: column)
  }
}
