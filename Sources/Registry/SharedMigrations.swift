/// The words in which databases differ.
struct SQLDialect {
  /// What stands in front of the name of a table.
  var schema: String
  /// The type of whole numbers.
  var number: String
  /// The type of truth, and how its values are written.
  var truth: (type: String, yes: String, no: String)
  /// What stands behind the columns of a new table.
  var tableEnding: String

  func table(_ name: String) -> String { schema + name }

  static let sqlite = SQLDialect(
    schema: "", number: "INTEGER", truth: ("INTEGER", "1", "0"), tableEnding: " STRICT")
  static let postgres = SQLDialect(
    schema: "aos.", number: "bigint", truth: ("boolean", "true", "false"), tableEnding: "")
}

/// Migrations that both databases go through, after those of their own. They are only ever added
/// to: a further one is one more line here.
enum SharedMigrations {
  static let all: [(name: String, statements: @Sendable (SQLDialect) -> [String])] = [
    (
      "7 owners, ends of tokens, kinds of actors",
      { InstanceRow.owners($0) + TokenTable.bounds($0) + ActionTable.actors($0) }
    ),
    ("8 steps of the signing key", { [RotationTable.schema($0)] }),
    ("9 zones", { ["ALTER TABLE \($0.table("instance")) ADD COLUMN zone text"] }),
    (
      "10 agents for network load balancers",
      { ["ALTER TABLE \($0.table("instance")) ADD COLUMN agent_address text"] }
    ),
  ]
}
