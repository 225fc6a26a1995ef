internal import ClusterModel

/// The single row that names the registry's cluster.
enum ClusterTable {
  struct Entry: Equatable {
    var name: String
    var epoch: String
    var signingKey: [UInt8]
    var revision: Int64
    var seats: Int?
    var license: License?
    var licenseEndedBy: InstanceID?

    /// The configuration, with the rows of the other table.
    func contents(
      instances: [InstanceID: RegisteredInstance], tokens: [String: AccessToken],
      rotations: [KeyRotation]
    ) -> RegistryContents {
      var contents = RegistryContents(
        cluster: name, epoch: epoch, revision: revision, seats: seats, license: license,
        licenseEndedBy: licenseEndedBy, instances: instances, tokens: tokens)
      contents.signingSeed = SigningSeed(signingKey)
      contents.rotations = rotations
      return contents
    }
  }

  /// The row; nil in a registry that is being made.
  static func read(from session: some SQLSession) throws -> Entry? {
    let sql = """
      SELECT name, epoch, signing_key, revision, seats, license_document, license_holder,
        license_seats, license_expires_at, license_ended_by FROM cluster
      """
    guard var row = try session.query(sql, []).first else { return nil }
    do {
      var entry = Entry(
        name: try row.next(), epoch: try row.next(), signingKey: try row.next(),
        revision: try row.next(), seats: try row.next())
      entry.license = try license(&row)
      entry.licenseEndedBy = try row.next()
      return entry
    } catch {
      throw UnreadableValue(place: "table cluster: \(error.plainWords)")
    }
  }

  private static func license(_ row: inout SQLRow) throws -> License? {
    let document = try row.next(String?.self)
    let holder = try row.next(String?.self)
    let seats = try row.next(Int?.self)
    let expiresAt = try row.next(Int64?.self)
    guard let document else { return nil }
    guard let holder, let seats, let expiresAt else {
      throw InvalidValue(field: "license", complaint: "is incomplete")
    }
    return License(
      document: document, holder: holder, seats: seats,
      expiresAt: Timestamp(milliseconds: expiresAt))
  }

  /// Makes the row of a new registry, with a random epoch and a random key.
  static func make(
    name: String, in session: some SQLSession, using random: inout some RandomNumberGenerator
  ) throws -> Entry {
    let digits = Array("0123456789abcdef")
    let epoch = randomBytes(16, using: &random).flatMap { byte in
      [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    let entry = Entry(
      name: name, epoch: String(epoch), signingKey: randomBytes(32, using: &random), revision: 0)
    try session.execute(
      "INSERT INTO cluster (one, name, epoch, signing_key, revision) VALUES (1, $1, $2, $3, 0)",
      [.text(name), .text(entry.epoch), .bytes(entry.signingKey)])
    return entry
  }

  /// The row of this cluster's registry. If there is none, it is made.
  ///
  /// - Throws: `WrongCluster` where the registry belongs to another cluster, or no new cluster can
  ///   have this name.
  static func claim(for cluster: String, in session: some SQLSession) throws -> Entry {
    guard let entry = try read(from: session) else {
      do { _ = try PlainText.checked(cluster, field: "name") } catch {
        throw WrongCluster(error)
      }
      var random = SystemRandomNumberGenerator()
      return try make(name: cluster, in: session, using: &random)
    }
    guard entry.name == cluster else {
      throw WrongCluster(owner: PlainText.cleaned(entry.name), cluster: cluster)
    }
    return entry
  }

  static func write(_ contents: RegistryContents, to session: some SQLSession) throws {
    let license = contents.license
    try session.execute(
      """
      UPDATE cluster SET revision = $1, seats = $2, license_document = $3, license_holder = $4,
        license_seats = $5, license_expires_at = $6, license_ended_by = $7,
        signing_key = coalesce($8, signing_key)
      """,
      [
        .integer(contents.revision), contents.seats.sqlValue, (license?.document).sqlValue,
        (license?.holder).sqlValue, (license?.seats).sqlValue,
        (license?.expiresAt.milliseconds).sqlValue, (contents.licenseEndedBy?.text).sqlValue,
        contents.signingSeed.map { .bytes($0.bytes) } ?? .null,
      ])
  }

  /// Writes without changing anything, to find out whether writes work again.
  static func touch(in session: some SQLSession) throws {
    try session.execute("UPDATE cluster SET checked = checked + 1", [])
  }

  private static func randomBytes(
    _ count: Int, using random: inout some RandomNumberGenerator
  ) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }
}

/// The registry cannot belong to the cluster for which it was opened.
struct WrongCluster: Error {
  /// The end of a sentence that begins with the database's name.
  var complaint: String

  /// It belongs to another cluster.
  init(owner: String, cluster: String) {
    complaint = "belongs to the cluster \(owner), not to \(cluster)"
  }

  /// No new cluster can have this name.
  init(_ fault: InvalidValue) { complaint = "is not made: the cluster's \(fault)" }
}
