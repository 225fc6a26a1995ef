internal import ClusterModel

/// A table of a registry. It has the same name and columns in every kind of database.
struct CopiedTable: Equatable {
  let name: String
  let columns: [String]

  /// The number of rows that are in memory at one time.
  private static let rowsAtOnce = 1_000

  /// All tables, from the catalogue of the SQLite side.
  static func all(in session: SQLiteSession) throws -> [CopiedTable] {
    let names = try session.query(
      """
      SELECT name FROM sqlite_schema WHERE type = 'table'
        AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'grdb_*' ORDER BY name
      """, [])
    return try names.map { row in
      var row = row
      let name = try identifier(row.next())
      let columns = try session.query(
        "SELECT name FROM pragma_table_info($1) ORDER BY cid", [.text(name)])
      return CopiedTable(
        name: name,
        columns: try columns.map { column in
          var column = column
          return try identifier(column.next())
        })
    }
  }

  /// Names become part of statements, and the file may come from anybody.
  private static func identifier(_ text: String) throws -> String {
    guard text.utf8.allSatisfy({ (97...122).contains($0) || $0 == 95 }), !text.isEmpty else {
      throw UnreadableValue(place: "its list of tables")
    }
    return text
  }

  private var list: String { columns.joined(separator: ", ") }

  func copy(from source: PostgresConnection, to target: SQLiteSession) throws {
    try source.execute("DECLARE copied CURSOR FOR SELECT \(list) FROM \(name)", [])
    while case let rows = try source.query("FETCH \(Self.rowsAtOnce) FROM copied", []),
      !rows.isEmpty
    {
      try write(rows, to: target)
    }
    try source.execute("CLOSE copied", [])
  }

  func copy(from source: SQLiteSession, to target: PostgresConnection) throws {
    // Within one transaction SQLite returns rows in the same order every time.
    var offset = 0
    while case let rows = try source.query(
      "SELECT \(list) FROM \(name) LIMIT $1 OFFSET $2",
      [Self.rowsAtOnce.sqlValue, offset.sqlValue]), !rows.isEmpty
    {
      try write(rows, to: target)
      offset += rows.count
    }
  }

  private func write(_ rows: [SQLRow], to target: some SQLSession) throws {
    let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let sql = "INSERT INTO \(name) (\(list)) VALUES (\(places))"
    for row in rows { try target.execute(sql, row.allValues) }
  }
}
