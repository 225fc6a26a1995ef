internal import ClusterModel
internal import Hosting

/// A life with a clock that only the test moves.
struct LifeFixture {
  var life: InstanceLife
  var now = Moment(
    monotonicMilliseconds: 5_000, wall: Timestamp(milliseconds: 1_800_000_000_000))
  var generator = CountingGenerator()
  private var revision: Int64 = 0

  init(
    services: ServerServices = .application, maximum: Int = 3, joined: Bool = true,
    kept: DesiredState? = nil
  ) throws {
    life = InstanceLife(
      id: try InstanceID("AOS01"),
      profile: InstanceProfile(role: .server(services), ownMaximum: maximum), startedAt: now.wall,
      kept: kept)
    if joined { try obey() }
  }

  mutating func pass(milliseconds: Int64) {
    now.wall = now.wall.adding(milliseconds: milliseconds)
    now.monotonicMilliseconds += milliseconds
  }

  mutating func pass(seconds: Int64) { pass(milliseconds: seconds * 1_000) }

  static func desired(
    revision: Int64, epoch: String = "e1", admission: Admission = .accepting, limit: Int? = nil,
    unlicensed: String? = nil, removed: Bool = false, drain: Drain? = nil
  ) throws -> DesiredState {
    DesiredState(
      cluster: "PROD", instance: try InstanceID("AOS01"), epoch: epoch, revision: revision,
      admission: admission, limit: limit, unlicensedReason: unlicensed, removed: removed,
      drain: drain)
  }

  /// Obeys the next revision.
  @discardableResult
  mutating func obey(
    admission: Admission = .accepting, limit: Int? = nil, unlicensed: String? = nil,
    removed: Bool = false, drain: Drain? = nil
  ) throws -> [Delivery] {
    revision += 1
    let state = try Self.desired(
      revision: revision, admission: admission, limit: limit, unlicensed: unlicensed,
      removed: removed, drain: drain)
    guard case .obeyed(let told) = life.obey(state, byJoin: false, now: now) else { return [] }
    return told
  }

  @discardableResult
  mutating func drain(_ terms: DrainTerms) throws -> [Delivery] {
    try obey(
      admission: .rejecting,
      drain: Drain(startedAt: now.wall, startedWith: life.connected, terms: terms))
  }

  @discardableResult
  mutating func open(
    _ kind: ClientKind = .client, ticket: String? = nil
  ) throws -> HostedSession.Grant {
    try life.openSession(
      Caller(kind: kind, user: "alice", computer: "PC1", ticket: ticket), now: now,
      using: &generator)
  }
}

extension LifeFixture {
  /// Opens a session that is one connection.
  @discardableResult
  mutating func connect() throws -> String {
    try life.connect(
      Caller(kind: .client, user: "ana", computer: "pc1", ticket: "t1"), now: now,
      using: &generator)
  }
}

/// As good as random for tests, and the same every time (SplitMix64).
struct CountingGenerator: RandomNumberGenerator {
  private var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
