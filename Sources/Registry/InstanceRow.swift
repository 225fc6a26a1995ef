internal import ClusterModel

/// The columns of a registered instance in its table.
enum InstanceRow {
  /// One column, for reading and writing.
  private struct Column: Sendable {
    var name: String
    var write: @Sendable (RegisteredInstance) -> SQLValue
    var read: @Sendable (SQLValue, inout RegisteredInstance) throws -> Void

    init<Value: SQLCell>(
      _ name: String, _ get: @escaping @Sendable (RegisteredInstance) -> Value,
      _ set: @escaping @Sendable (inout RegisteredInstance, Value) throws -> Void
    ) {
      self.name = name
      write = { get($0).sqlValue }
      read = { cell, row in try set(&row, Value(cell: cell, column: name)) }
    }

    /// A field whose column has its value unchanged.
    init<Value: SQLCell>(
      _ name: String, _ field: any WritableKeyPath<RegisteredInstance, Value> & Sendable
    ) {
      self.init(name, { $0[keyPath: field] }, { $0[keyPath: field] = $1 })
    }
  }

  /// They are read from left to right: the first two make a row, and a role needs its services.
  private static let columns = [
    Column("id", \.id),
    Column("address", \.reach.address),
    Column("services_address", \.reach.servicesAddress),
    Column("agent_address", \.reach.agentAddress),
    Column("services", { $0.role.servicesText }, { $0.role = try Role(servicesText: $1) }),
    Column("role", { $0.role.name }, { $0.role = try Role(name: $1, services: $0.role.services) }),
    Column("own_maximum", \.profile.ownMaximum),
    Column("zone", \.profile.zone),
    Column("operator_limit", \.record.limit),
    Column("admission", \.record.admission),
    Column("admission_at", \.record.admissionAt),
    Column("admission_by", \.record.admissionBy),
    Column("admission_reason", \.record.admissionReason),
    Column("drain_started_at", { $0.drain?.startedAt }, { $0.drain = Drain(begunAt: $1) }),
    Column("drain_started_with", { $0.drain?.startedWith }, { $0.drain?.startedWith = $1 ?? 0 }),
    Column("drain_message", { $0.drain?.message }, { $0.drain?.message = $1 }),
    Column(
      "drain_close_idle_after_seconds",
      { $0.drain?.closeIdleAfterSeconds }, { $0.drain?.closeIdleAfterSeconds = $1 }),
    Column("drain_deadline", { $0.drain?.deadline }, { $0.drain?.deadline = $1 }),
    Column(
      "drain_until_restart",
      { $0.drain?.untilRestart }, { $0.drain?.untilRestart = $1 ?? false }),
    Column("registration", \.registration),
    Column("seat", \.seat),
    Column("unlicensed_reason", \.unlicensedReason),
    Column("removed_at", \.removedAt),
    Column("revision", \.revision),
    Column("tls", \.reach.tls),
    Column("owner", { $0.owner.token }, { $0.owner = InstanceOwner(token: $1) }),
    Column("owner_name", { $0.owner.name }, { $0.owner = $0.owner.named($1) }),
    Column("admission_by_kind", \.record.admissionByKind),
    Column("asked_at", \.askedAt),
  ]

  private static let names = columns.map(\.name).joined(separator: ", ")

  /// Replaces a row with the same id.
  private static let writing = """
    INSERT INTO instance (\(names))
    VALUES (\(columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")))
    ON CONFLICT (id) DO UPDATE SET
    \(columns.dropFirst().map { "\($0.name) = excluded.\($0.name)" }.joined(separator: ", "))
    """

  /// Writes rows and replaces those with the same id.
  static func write(
    _ rows: some Sequence<RegisteredInstance>, to session: some SQLSession
  ) throws {
    for row in rows { try session.execute(writing, columns.map { $0.write(row) }) }
  }

  static func forget(_ ids: [InstanceID], in session: some SQLSession) throws {
    for id in ids { try session.execute("DELETE FROM instance WHERE id = $1", [.text(id.text)]) }
  }

  /// Reads all rows.
  ///
  /// - Throws: `UnreadableValue` naming the instance and the field that cannot be read.
  static func readAll(
    from session: some SQLSession
  ) throws -> [InstanceID: RegisteredInstance] {
    var instances: [InstanceID: RegisteredInstance] = [:]
    for row in try session.query("SELECT \(names) FROM instance", []) {
      do {
        let instance = try instance(row.allValues)
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

  private static func instance(_ cells: [SQLValue]) throws -> RegisteredInstance {
    var instance = RegisteredInstance(
      id: try InstanceID(cell: cells[0], column: columns[0].name),
      reach: InstanceReach(try Address(cell: cells[1], column: columns[1].name)),
      profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0),
      record: AdmissionRecord(.rejecting, at: Timestamp(milliseconds: 0), by: ""))
    for (column, cell) in zip(columns, cells) { try column.read(cell, &instance) }
    return instance
  }

  /// The owners of ids, and who set their admission. Without an owner: `local`.
  static func owners(_ dialect: SQLDialect) -> [String] {
    [
      "owner text", "owner_name text", "admission_by_kind text",
      "asked_at \(dialect.number)",
    ].map { "ALTER TABLE \(dialect.table("instance")) ADD COLUMN \($0)" }
  }
}

extension Role {
  /// The services as one text; empty for a balancer.
  fileprivate var servicesText: String { services.map(\.rawValue).joined(separator: ",") }

  fileprivate init(servicesText: String) throws(InvalidValue) {
    let names = servicesText.split(separator: ",")
    let services = names.compactMap { Service(rawValue: String($0)) }
    guard services.count == names.count else {
      throw InvalidValue(field: "services", complaint: "has a name that is not known")
    }
    self = ServerServices(services).map(Role.server) ?? .loadBalancer
  }
}

extension Drain {
  /// The other columns follow. Nil where there is no drain.
  fileprivate init?(begunAt: Timestamp?) {
    guard let begunAt else { return nil }
    self.init(startedAt: begunAt, startedWith: 0)
  }
}

extension InstanceOwner {
  /// The token's id; nil for `local`.
  fileprivate var token: String? { self == .local ? nil : text }

  fileprivate init(token: String?) {
    self = token.map { .token(id: $0, name: $0) } ?? .local
  }

  fileprivate func named(_ name: String?) -> InstanceOwner {
    InstanceOwner(text: text, name: name ?? self.name)
  }
}
