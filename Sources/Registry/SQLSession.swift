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
  private let values: [SQLValue]
  private var place = 0

  /// As they are, from left to right.
  var allValues: [SQLValue] { values }

  init(_ values: [SQLValue]) {
    self.values = values
  }

  mutating func next<Value: SQLReadable>(_ type: Value.Type = Value.self) throws -> Value {
    guard let value: Value = try nextIfAny() else { throw complaint("is missing") }
    return value
  }

  /// Nil where the database holds NULL.
  mutating func nextIfAny<Value: SQLReadable>(_ type: Value.Type = Value.self) throws -> Value? {
    defer { place += 1 }
    guard place < values.count else { throw complaint("is missing") }
    if values[place] == .null { return nil }
    guard let value = Value(values[place]) else { throw complaint("is of another kind") }
    return value
  }

  private func complaint(_ words: String) -> InvalidValue {
    InvalidValue(field: "column \(place + 1)", complaint: words)
  }
}

/// What a column can be read as.
protocol SQLReadable {
  /// Nil for a value of another kind, or one that does not fit.
  init?(_ value: SQLValue)
}

extension Int64: SQLReadable {
  init?(_ value: SQLValue) {
    guard case .integer(let number) = value else { return nil }
    self = number
  }
}

extension Int: SQLReadable {
  init?(_ value: SQLValue) {
    guard case .integer(let number) = value else { return nil }
    self.init(exactly: number)
  }
}

extension Bool: SQLReadable {
  init?(_ value: SQLValue) {
    switch value {
    case .truth(let truth): self = truth
    case .integer(let number): self = number != 0  // SQLite knows no other truth
    default: return nil
    }
  }
}

extension String: SQLReadable {
  init?(_ value: SQLValue) {
    guard case .text(let text) = value else { return nil }
    self = text
  }
}

extension [UInt8]: SQLReadable {
  init?(_ value: SQLValue) {
    guard case .bytes(let bytes) = value else { return nil }
    self = bytes
  }
}

/// What can be written into a column; nil is NULL.
protocol SQLWritable {
  var sqlValue: SQLValue { get }
}

extension Int64: SQLWritable {
  var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLWritable {
  var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Bool: SQLWritable {
  var sqlValue: SQLValue { .truth(self) }
}

extension String: SQLWritable {
  var sqlValue: SQLValue { .text(self) }
}

extension Optional: SQLWritable where Wrapped: SQLWritable {
  var sqlValue: SQLValue { self?.sqlValue ?? .null }
}
