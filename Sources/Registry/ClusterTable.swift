internal import ClusterModel
internal import FoundationEssentials
internal import GRDB

/// The one row that says whose registry this is.
enum ClusterTable {
  struct Entry: Equatable {
    var name: String
    var epoch: String
    var signingKey: [UInt8]
    var revision: Int64
    var seats: Int?
  }

  /// The row; nil in a registry that is being made.
  static func read(from db: Database) throws -> Entry? {
    let statement = try db.cachedStatement(
      sql: "SELECT name, epoch, signing_key, revision, seats FROM cluster")
    guard let row = try Row.fetchOne(statement) else { return nil }
    return Entry(
      name: try row.decode(String.self, atIndex: 0),
      epoch: try row.decode(String.self, atIndex: 1),
      signingKey: Array(try row.decode(Data.self, atIndex: 2)),
      revision: try row.decode(Int64.self, atIndex: 3),
      seats: try row.decode(Int?.self, atIndex: 4))
  }

  /// Makes the row of a new registry, with an epoch and a key that nobody can guess.
  static func make(
    name: String, in db: Database, using random: inout some RandomNumberGenerator
  ) throws -> Entry {
    let digits = Array("0123456789abcdef")
    let epoch = randomBytes(16, using: &random).flatMap { byte in
      [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    let entry = Entry(
      name: name, epoch: String(epoch), signingKey: randomBytes(32, using: &random), revision: 0)
    try db.execute(
      sql: "INSERT INTO cluster (one, name, epoch, signing_key, revision) VALUES (1, ?, ?, ?, 0)",
      arguments: [name, entry.epoch, Data(entry.signingKey)])
    return entry
  }

  static func write(revision: Int64, seats: Int?, to db: Database) throws {
    try db.execute(
      sql: "UPDATE cluster SET revision = ?, seats = ?", arguments: [revision, seats])
  }

  /// A write that means nothing: finds out whether writes work again.
  static func touch(in db: Database) throws {
    try db.execute(sql: "UPDATE cluster SET checked = checked + 1")
  }

  private static func randomBytes(
    _ count: Int, using random: inout some RandomNumberGenerator
  ) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }
}
