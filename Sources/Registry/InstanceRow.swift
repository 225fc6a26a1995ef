internal import ClusterModel
internal import GRDB

/// How a registered instance stands in its table: one entry for each column, in both directions.
enum InstanceRow {
  private typealias Value = any DatabaseValueConvertible
  private struct Column {
    var name: String
    var value: @Sendable (RegisteredInstance) -> Value?
  }

  private static let columns: [Column] = [
    Column(name: "id") { $0.id.text },
    Column(name: "address") { $0.address.description },
    Column(name: "services_address") { $0.servicesAddress?.description },
    Column(name: "role") { $0.role.name },
    Column(name: "services") { $0.role.services.map(\.rawValue).joined(separator: ",") },
    Column(name: "own_maximum") { $0.ownMaximum },
    Column(name: "operator_limit") { $0.limit },
    Column(name: "admission") { $0.admission.rawValue },
    Column(name: "admission_at") { $0.admissionAt.milliseconds },
    Column(name: "admission_by") { $0.admissionBy },
    Column(name: "admission_reason") { $0.admissionReason },
    Column(name: "drain_started_at") { $0.drain?.startedAt.milliseconds },
    Column(name: "drain_started_with") { $0.drain?.startedWith },
    Column(name: "drain_message") { $0.drain?.message },
    Column(name: "drain_close_idle_after_seconds") { $0.drain?.closeIdleAfterSeconds },
    Column(name: "drain_deadline") { $0.drain?.deadline?.milliseconds },
    Column(name: "drain_until_restart") { $0.drain?.untilRestart },
    Column(name: "registration") { $0.registration },
    Column(name: "seat") { $0.seat },
    Column(name: "removed_at") { $0.removedAt?.milliseconds },
    Column(name: "revision") { $0.revision },
  ]

  private static let names = columns.map(\.name).joined(separator: ", ")

  /// Writes rows, over those with the same id.
  static func write(_ rows: some Sequence<RegisteredInstance>, to db: Database) throws {
    let marks = columns.map { _ in "?" }.joined(separator: ", ")
    let statement = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO instance (\(names)) VALUES (\(marks))")
    for row in rows {
      let values: [Value?] = columns.map { $0.value(row) }
      try statement.execute(arguments: StatementArguments(values))
    }
  }

  /// Every row there is.
  ///
  /// - Throws: `SQLiteFault` naming the instance and the field of a row that cannot be read.
  static func readAll(from db: Database) throws -> [InstanceID: RegisteredInstance] {
    let statement = try db.cachedStatement(sql: "SELECT \(names) FROM instance")
    var instances: [InstanceID: RegisteredInstance] = [:]
    let rows = try Row.fetchCursor(statement)
    while let row = try rows.next() {
      let id = try row.decode(String.self, atIndex: 0)
      do {
        let instance = try instance(RowReader(row))
        instances[instance.id] = instance
      } catch {
        throw SQLiteFault.unreadable("table instance, \(PlainText.cleaned(id)): \(error)")
      }
    }
    return instances
  }

  /// Reads the columns in their order.
  private static func instance(_ reader: consuming RowReader) throws -> RegisteredInstance {
    let id = try InstanceID(reader.next())
    let address = try Address(reader.next())
    let servicesAddress = try reader.nextIfAny(String.self)
    let role = try Role(name: reader.next(), services: services(reader.next()))
    var instance = RegisteredInstance(
      id: id, address: address, role: role, ownMaximum: try reader.next(),
      limit: try reader.nextIfAny(), admission: try named(reader.next(), field: "admission"),
      admissionAt: Timestamp(milliseconds: try reader.next()), admissionBy: try reader.next(),
      admissionReason: try reader.nextIfAny(), registration: 0, revision: 0)
    if let servicesAddress {
      instance.servicesAddress = try Address(servicesAddress, field: "services_address")
    }
    instance.drain = try drain(&reader)
    instance.registration = try reader.next()
    instance.seat = try reader.nextIfAny()
    instance.removedAt = try time(&reader)
    instance.revision = try reader.next()
    return instance
  }

  private static func drain(_ reader: inout RowReader) throws -> Drain? {
    let startedAt = try time(&reader)
    let startedWith = try reader.nextIfAny(Int.self)
    var terms = DrainTerms(message: try reader.nextIfAny())
    terms.closeIdleAfterSeconds = try reader.nextIfAny()
    terms.deadline = try time(&reader)
    terms.untilRestart = try reader.nextIfAny() ?? false
    return startedAt.map { Drain(startedAt: $0, startedWith: startedWith ?? 0, terms: terms) }
  }

  private static func time(_ reader: inout RowReader) throws -> Timestamp? {
    try reader.nextIfAny(Int64.self).map(Timestamp.init(milliseconds:))
  }

  private static func services(_ text: String) throws -> [Service] {
    try text.split(separator: ",").map { try named(String($0), field: "services") }
  }

  private static func named<Name: RawRepresentable<String>>(
    _ text: String, field: String
  ) throws -> Name {
    guard let name = Name(rawValue: text) else {
      throw InvalidValue(field: field, complaint: "has a name that is not known")
    }
    return name
  }
}

/// Hands out the values of a row from left to right: by place, since names cost a search each.
private struct RowReader {
  private let row: Row
  private var place = -1

  init(_ row: Row) {
    self.row = row
  }

  mutating func next<Value: DatabaseValueConvertible & StatementColumnConvertible>(
  ) throws -> Value {
    place += 1
    return try row.decode(Value.self, atIndex: place)
  }

  mutating func nextIfAny<Value: DatabaseValueConvertible & StatementColumnConvertible>(
    _ type: Value.Type = Value.self
  ) throws -> Value? {
    place += 1
    return try row.decode(Value?.self, atIndex: place)
  }
}
