internal import ClusterModel

/// How a registered instance stands in its table: one entry for each column, in both directions.
enum InstanceRow {
  private struct Column {
    var name: String
    var value: @Sendable (RegisteredInstance) -> any SQLWritable
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
    Column(name: "unlicensed_reason") { $0.unlicensedReason },
    Column(name: "removed_at") { $0.removedAt?.milliseconds },
    Column(name: "revision") { $0.revision },
    Column(name: "tls") { $0.tls },
    Column(name: "owner") { $0.owner == .local ? nil : $0.owner.text },
    Column(name: "owner_name") { $0.owner.name },
    Column(name: "admission_by_kind") { $0.admissionByKind?.rawValue },
    Column(name: "asked_at") { $0.askedAt?.milliseconds },
  ]

  private static let names = columns.map(\.name).joined(separator: ", ")

  /// Over a row with the same id.
  private static let writing = """
    INSERT INTO instance (\(names))
    VALUES (\(columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")))
    ON CONFLICT (id) DO UPDATE SET
    \(columns.dropFirst().map { "\($0.name) = excluded.\($0.name)" }.joined(separator: ", "))
    """

  /// Writes rows, over those with the same id.
  static func write(
    _ rows: some Sequence<RegisteredInstance>, to session: some SQLSession
  ) throws {
    for row in rows {
      try session.execute(writing, columns.map { $0.value(row).sqlValue })
    }
  }

  static func forget(_ ids: [InstanceID], in session: some SQLSession) throws {
    for id in ids { try session.execute("DELETE FROM instance WHERE id = $1", [.text(id.text)]) }
  }

  /// Every row there is.
  ///
  /// - Throws: `UnreadableValue` naming the instance and the field of a row that cannot be read.
  static func readAll(
    from session: some SQLSession
  ) throws -> [InstanceID: RegisteredInstance] {
    var instances: [InstanceID: RegisteredInstance] = [:]
    for row in try session.query("SELECT \(names) FROM instance", []) {
      do {
        let instance = try instance(row)
        instances[instance.id] = instance
      } catch {
        var row = row
        let id = (try? row.next(String.self)) ?? "?"
        throw UnreadableValue(
          place: "table instance, \(PlainText.cleaned(id)): \(error.plainWords)")
      }
    }
    return instances
  }

  /// Reads the columns in their order.
  private static func instance(_ row: SQLRow) throws -> RegisteredInstance {
    var row = row
    let id = try InstanceID(row.next())
    let address = try Address(row.next())
    let servicesAddress = try row.nextIfAny(String.self)
    let role = try Role(name: row.next(), services: services(row.next()))
    var instance = RegisteredInstance(
      id: id, address: address, role: role, ownMaximum: try row.next(),
      limit: try row.nextIfAny(), admission: try named(row.next(), field: "admission"),
      admissionAt: Timestamp(milliseconds: try row.next()), admissionBy: try row.next(),
      admissionReason: try row.nextIfAny(), registration: 0, revision: 0)
    if let servicesAddress {
      instance.servicesAddress = try Address(servicesAddress, field: "services_address")
    }
    instance.drain = try drain(&row)
    instance.registration = try row.next()
    instance.seat = try row.nextIfAny()
    instance.unlicensedReason = try row.nextIfAny()
    instance.removedAt = try time(&row)
    instance.revision = try row.next()
    instance.tls = try row.next()
    if let token = try row.nextIfAny(String.self) {
      instance.owner = .token(id: token, name: try row.nextIfAny() ?? token)
    } else {
      _ = try row.nextIfAny(String.self)
    }
    instance.admissionByKind = try row.nextIfAny(String.self).map(ActorKind.init(rawValue:))
    instance.askedAt = try time(&row)
    return instance
  }

  private static func drain(_ row: inout SQLRow) throws -> Drain? {
    let startedAt = try time(&row)
    let startedWith = try row.nextIfAny(Int.self)
    var terms = DrainTerms(message: try row.nextIfAny())
    terms.closeIdleAfterSeconds = try row.nextIfAny()
    terms.deadline = try time(&row)
    terms.untilRestart = try row.nextIfAny() ?? false
    return startedAt.map { Drain(startedAt: $0, startedWith: startedWith ?? 0, terms: terms) }
  }

  private static func time(_ row: inout SQLRow) throws -> Timestamp? {
    try row.nextIfAny(Int64.self).map(Timestamp.init(milliseconds:))
  }

  /// The owners of ids, and who set their admission. No owner: `local`.
  static func owners(_ table: String) -> [String] {
    ["owner text", "owner_name text", "admission_by_kind text", "asked_at bigint"].map {
      "ALTER TABLE \(table) ADD COLUMN \($0)"
    }
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
