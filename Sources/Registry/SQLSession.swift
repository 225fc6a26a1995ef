internal import ClusterModel

/// A value on its way into a database or out of it.
enum SQLValue: Equatable {
  case null
  case integer(Int64)
  case truth(Bool)
  case text(String)
  case bytes([UInt8])
}

/// A database inside a transaction: what the tables of a registry need of it.
///
/// Every statement is written so that SQLite and PostgreSQL both take it: values are `$1`, `$2`
/// … in the order of their first appearance, never part of the text.
protocol SQLSession {
  /// Runs one statement and gives the rows it returns.
  func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]
}

extension SQLSession {
  func execute(_ sql: String, _ values: [SQLValue]) throws {
    _ = try query(sql, values)
  }
}

/// A value that no release of this program writes, and where it stands.
struct UnreadableValue: PlainError {
  var place: String
  var description: String { place }
}

/// A row of a result. Its values are taken from left to right: by place, since names cost a
/// search each.
struct SQLRow {
  /// As they are, from left to right.
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
