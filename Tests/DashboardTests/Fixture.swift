import CellGrid
import ClusterModel
import Recordings

@testable import Dashboard

/// A cluster as an operator meets it: one balancer and eight servers in every kind of state.
enum Fixture {
  static let now = Timestamp("2026-03-01T10:42:07.000Z")!

  static func ago(_ seconds: Int64) -> Timestamp { now.adding(milliseconds: -seconds * 1_000) }

  static func id(_ text: String) -> InstanceID {
    guard let id = try? InstanceID(text) else { preconditionFailure("not an id: \(text)") }
    return id
  }

  static func ids(_ texts: String...) -> [InstanceID] { texts.map(id) }

  static func server(
    _ name: String, _ connected: Int, of maximum: Int, reserved: Int = 0,
    services: ServerServices = .application, admission: Admission = .accepting,
    by: String? = nil, why: String? = nil, delivered: Bool = true, health: Health = .alive,
    healthAge: Int64 = 187_200, healthReason: String? = nil, seat: Int? = 1, limit: Int? = nil,
    drain: Drain? = nil
  ) -> InstanceStatus {
    let number = Int(name.drop { !$0.isNumber }) ?? 0
    guard let address = try? Address(host: "10.0.0.\(number)", port: 2712) else {
      preconditionFailure("not an address")
    }
    let record = AdmissionRecord(
      admission, at: ago(2_520), by: by ?? name, reason: why, limit: limit, drain: drain)
    var instance = InstanceStatus(
      RegisteredInstance(
        id: id(name), reach: InstanceReach(address),
        profile: InstanceProfile(role: .server(services), ownMaximum: maximum), record: record,
        seat: seat),
      delivered: delivered, health: health, healthSince: ago(healthAge),
      load: Load(connected: connected, reserved: reserved, maximum: maximum))
    instance.owner = nil
    instance.healthReason = healthReason
    instance.version = "0.1.0"
    instance.startedAt = ago(187_200)
    return instance
  }

  static var balancer: InstanceStatus {
    guard let address = try? Address(host: "10.0.0.100", port: 2712) else {
      preconditionFailure("not an address")
    }
    var balancer = InstanceStatus(
      RegisteredInstance(
        id: id("LB1"), reach: InstanceReach(address),
        profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0),
        record: AdmissionRecord(.accepting, at: ago(187_200), by: "LB1")),
      delivered: true, health: .alive, healthSince: ago(187_200), load: Load(maximum: 0))
    balancer.owner = nil
    balancer.version = "0.1.0"
    balancer.startedAt = ago(187_200)
    return balancer
  }

  static var servers: [InstanceStatus] {
    [
      server("AOS01", 41, of: 60, seat: 1),
      server("AOS02", 60, of: 60, seat: 2),
      server("AOS03", 37, of: 200, reserved: 2, services: .both, seat: 3, limit: 200),
      server("AOS04", 12, of: 60, reserved: 1, seat: 4),
      server(
        "AOS05", 12, of: 60, admission: .rejecting, by: "alice", why: "patching the kernel",
        seat: 5, drain: Drain(startedAt: ago(2_520), startedWith: 44)),
      server("AOS06", 67, of: 60, seat: 6, limit: 60),
      server(
        "AOS07", 0, of: 60, health: .unreachable, healthAge: 94,
        healthReason: "connection refused", seat: 7),
      server("AOS10", 3, of: 30, services: .batch, seat: nil),
    ]
  }

  static var snapshot: ClusterSnapshot {
    ClusterSnapshot(
      cluster: "PROD", sequence: 812, at: now,
      balancer: BalancerStatus(
        id: id("LB1"), version: "0.1.0", startedAt: ago(187_200),
        registry: .init(kind: "sqlite", state: .available)),
      license: LicenseSummary(state: .none, seats: nil, seatsUsed: 7),
      handshakes: HandshakeCount(total: 90_412, perSecond: 4.2),
      instances: servers + [balancer],
      handshakeList: ids("AOS03", "AOS04", "AOS01", "AOS02", "AOS06"), actions: actions)
  }

  static var actions: [ActionRecord] {
    [
      action(
        31, 2_520, "alice", .drain, "AOS05", "patching the kernel", "draining, 44 left", true),
      action(30, 9_000, "bob", .limit, "AOS06", nil, "maximum is 60", true),
      action(29, 9_060, "bob", .limit, "AOS03", nil, "maximum is 200", true),
      action(28, 187_200, "AOS10", .join, "AOS10", nil, "joined", nil),
      action(27, 187_205, "AOS07", .join, "AOS07", nil, "joined", nil),
    ]
  }

  static func action(
    _ number: Int64, _ age: Int64, _ actor: String, _ kind: ActionRecord.Kind, _ instance: String,
    _ reason: String?, _ result: String, _ delivered: Bool?
  ) -> ActionRecord {
    ActionRecord(
      id: number, at: ago(age), actor: actor, action: kind, instance: id(instance),
      reason: reason, result: result, delivered: delivered)
  }

  /// Some movement in the last minutes.
  static var history: BalancerHistory {
    var instances: [InstanceID: [Load]] = [:]
    for (number, server) in servers.enumerated() where server.health == .alive {
      instances[server.id] = (0..<30).map { step in
        let wave = (step * (number + 3)) % 17 - 8
        let share = server.load.connected + wave * server.load.maximum / 60
        return Load(connected: max(0, share), maximum: server.load.maximum)
      }
    }
    let cluster = (0..<360).map { (step: Int) -> ClusterSample in
      let sessions: Int = 140 + step / 4 + (step * 7) % 17
      let rate: Double = 2 + Double((step * 5) % 31) / 10
      let spread: Int = 60 + (step * 3) % 40
      return ClusterSample(
        sessions: sessions, capacity: step < 210 ? 500 : 440, handshakesPerSecond: rate,
        spread: spread)
    }
    return BalancerHistory(
      stepSeconds: 10, instances: instances, cluster: cluster, at: now)
  }
}

/// A dashboard at work: keys in, pictures out.
struct Story {
  var dashboard: Dashboard
  /// What the feed told and nobody looked back at yet.
  private var told: [(event: Event, at: Int64)] = []
  /// The session's past, since somebody looked back.
  private var lookBack: LookBack?
  private var feed = FollowedFeed()
  /// What was asked of the program around it, all of it.
  var effects: [Effect] = []
  /// Monotonic milliseconds.
  var now: Int64 = 1_000_000

  init(
    columns: Int = 80, rows: Int = 24, options: DashboardOptions = DashboardOptions(),
    snapshot: ClusterSnapshot? = Fixture.snapshot
  ) {
    dashboard = Dashboard(options: options)
    send(.resized(Size(columns: columns, rows: rows)))
    guard let snapshot else { return }
    send(.connecting(endpoint: "unix:///run/aos/balancer.sock"))
    send(.live(endpoint: "unix:///run/aos/balancer.sock"))
    send(.snapshot(snapshot))
  }

  mutating func send(_ event: Event) {
    told.append((event, now))
    for effect in dashboard.handle(event, at: now) {
      if case .seek(let wish) = effect, dashboard.options.replay == nil {
        send(.past(look(wish)))
      } else {
        effects.append(effect)
      }
    }
  }

  /// What the program does to look back, with a past in memory.
  private mutating func look(_ wish: Seek) -> PastPicture? {
    var session = lookBack ?? LookBack(SessionPast(folders: []))
    for (event, time) in told {
      if let news = feed.follow(event, at: time) { _ = session.past.record(news, at: time) }
    }
    told = []
    defer { lookBack = session }
    return session.seek(wish, at: now)
  }

  mutating func wait(milliseconds: Int64) {
    now += milliseconds
    send(.tick)
  }

  /// Presses the keys one after the other.
  mutating func press(_ keys: Key...) {
    for key in keys { send(.keys([key])) }
  }

  /// Types the text one key after the other.
  mutating func type(_ text: String) {
    for character in text { send(.keys([.character(character)])) }
  }

  /// Changes the cluster as a balancer would.
  mutating func change(_ edit: (inout ClusterSnapshot) -> Void) {
    guard let old = dashboard.feed.snapshot else { return }
    var new = old
    edit(&new)
    // The balancer's clock goes on as the one here.
    if new.at == old.at { new.at = dashboard.feed.picture.clock }
    new.sequence += 1
    send(.change(ClusterChange(from: old, to: new)))
  }

  /// Answers every dry run that is asked and not yet answered.
  mutating func answerDryRuns(_ answer: Answer) {
    let asked = effects
    effects = []
    for effect in asked {
      if case .dryRun(let token, _) = effect {
        send(.answer(token, answer))
      } else {
        effects.append(effect)
      }
    }
  }

  var grid: Grid {
    var grid = Grid(size: dashboard.size)
    dashboard.draw(into: &grid)
    return grid
  }

  var picture: String { grid.description }

  /// The line of the picture that holds this text; empty where none does.
  func line(with text: String) -> String {
    picture.split(separator: "\n").first { $0.contains(text) }.map(String.init) ?? ""
  }

  var message: String { dashboard.message?.text ?? "" }

  /// The ids of the instances pane, in their order.
  var order: [String] { dashboard.rows.ids.map(\.text) }
}

extension Answer {
  /// What a balancer says that lets a change through.
  static func fine(
    _ list: [InstanceID] = Fixture.ids("AOS03", "AOS04", "AOS01", "AOS02"),
    warnings: [OpenEnum<ImpactWarning>] = []
  ) -> Answer {
    .done(
      instances: [], delivered: true,
      impact: Impact(
        handshakeList: list, workloadBefore: 0.61, workloadAfter: 0.74, warnings: warnings))
  }
}
