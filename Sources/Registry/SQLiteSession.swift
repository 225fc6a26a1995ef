internal import FoundationEssentials
internal import GRDB

/// A transaction of SQLite, as the tables use it.
struct SQLiteSession: SQLSession {
  private let db: Database

  init(_ db: Database) {
    self.db = db
  }

  func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
    let statement = try db.cachedStatement(sql: sql)
    let rows = try Row.fetchCursor(
      statement, arguments: StatementArguments(values.map(Self.argument)))
    var read: [SQLRow] = []
    while let row = try rows.next() {
      read.append(SQLRow(row.databaseValues.map(Self.value)))
    }
    return read
  }

  private static func argument(_ value: SQLValue) -> DatabaseValue {
    switch value {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .truth(let truth): truth.databaseValue
    case .text(let text): text.databaseValue
    case .bytes(let bytes): Data(bytes).databaseValue
    }
  }

  private static func value(_ value: DatabaseValue) -> SQLValue {
    switch value.storage {
    case .null: .null
    case .int64(let number): .integer(number)
    // The tables are strict and have no column of this kind.
    case .double(let number): .text("\(number)")
    case .string(let text): .text(text)
    case .blob(let data): .bytes(Array(data))
    }
  }
}
