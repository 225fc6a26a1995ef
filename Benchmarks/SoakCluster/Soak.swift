internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import RealPrograms

/// A cluster of real programs, and the one who kills them.
final class Soak {
  private let plan: SoakPlan
  private let folder: ScratchFolder
  private let database: Database
  private var members: [Member] = []
  private let witness: Witness
  private var random: SplitMix64
  private var growth: [Growth] = []
  private var kills: [String: Int] = [:]
  private var seconds = 0.0
  private let transport = HTTPTransport()
  private var liar: Liar?

  /// - Throws: `ProgramFailure` when the database cannot be made.
  init(_ plan: SoakPlan) throws {
    self.plan = plan
    folder = try ScratchFolder()
    database = try Database(in: folder)
    witness = Witness(plan)
    random = SplitMix64(seed: plan.seed)
    Output.note("seed \(plan.seed), logs in \(folder.root)")
  }

  var hasHeld: Bool { witness.broken.isEmpty }

  var report: [String] {
    let count = witness.count
    let killed = kills.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return [
      "\(Int(seconds)) s, \(plan.clients) clients, killed with SIGKILL: "
        + killed.joined(separator: ", "),
      "sessions opened: \(count.sessions), cut by the death of their server: \(count.cut)",
      "actions acknowledged: \(count.actions), requests repeated until they were: "
        + "\(count.repeated), looks that found all of them: \(count.looks)",
      "blocks that came back through tunnels as they were sent: \(count.blocks)",
      "longest time without a server while one was free: "
        + "\(Double(count.longestWait / 10_000_000) / 100) s",
    ] + [liar?.text].compactMap { $0 } + growth.map(\.text)
      + (hasHeld ? ["every promise was kept"] : witness.broken.map { "BROKEN: \($0)" })
  }

  /// - Throws: `ProgramFailure` when the cluster cannot be started.
  func run(isAsked: () -> Bool) throws {
    try startAll()
    let balancers = members.filter { $0.kind == .balancer }.compactMap(\.address)
    let operators = try makeOperators()
    let crowd = Crowd(plan: plan, balancers: balancers, witness: witness)
    let lying = try beginLying(at: balancers)
    let clients = Task { await crowd.run() }
    let changes = Task {
      await withTaskGroup(of: Void.self) { group in
        for person in operators { group.addTask { await person.run() } }
      }
    }
    do { try killUntilTheEnd(isAsked) } catch { witness.broke("\(error)") }
    changes.cancel()
    if hasHeld, !isAsked() { try checkEnd(operators, changes) }
    lying.cancel()
    clients.cancel()
    try Async.wait { await clients.value }
    try Async.wait { await lying.value }
    let transport = transport
    try Async.wait { await transport.shutDown() }
    for member in members { member.child?.kill() }
    if !hasHeld, plan.keepsLogs {
      folder.keep()
      Output.note("the logs stay in \(folder.root)")
    }
  }

  // MARK: The cluster

  private func startAll() throws {
    let application = try EchoServer()
    let programs = Programs(folder: try Programs.ownFolder())
    members = [database.member]
    try database.member.start()
    try wait(seconds: 60, for: "the database") { database.member.isReady }
    _ = try database.ask("CREATE DATABASE aos", of: "postgres")
    let sockets = (1...2).map { folder.path("lb\($0).sock") }
    for (place, socket) in sockets.enumerated() {
      let words = [
        "balancer", "--name", "LB\(place + 1)", "--cluster", "SOAK", "--listen", "127.0.0.1:PORT",
        "--socket", socket, "--database", database.url,
      ]
      members.append(Member("LB\(place + 1)", .balancer, programs.aosd, words, in: folder))
    }
    for number in 1...plan.instances {
      let name = "AOS0\(number)"
      let words = [
        "instance", "--name", name, "--listen", "127.0.0.1:PORT", "--max-clients", "1000",
        "--state-directory", folder.path(name), "--application", "\(application.address)",
      ]
      let join = sockets.flatMap { ["--join", "unix://\($0)"] }
      members.append(Member(name, .instance, programs.aosd, words + join, in: folder))
    }
    for member in members where member.kind != .database { try member.start() }
    try wait(seconds: 60, for: "all programs") { members.allSatisfy(\.isReady) }
    for endpoint in endpoints {
      let balancer = ClusterConnection(endpoint, transport: transport)
      try wait(seconds: 60, for: "all servers in the list") {
        try Async.wait { try await balancer.status().handshakeList.count } == plan.instances
      }
    }
  }

  /// Gives the liar a token, and lets it do its worst.
  private func beginLying(at balancers: [Address]) throws -> Task<Void, Never> {
    let liar = try Liar(others: instances.map { try InstanceID($0.name) })
    self.liar = liar
    let operators = ClusterConnection(endpoints[0], transport: transport)
    let request = TokenRequest(role: .instance, name: "liar")
    let made = try Async.wait {
      try await operators.send(.post, "/v1/tokens", body: request, as: TokenInfo.self)
    }
    guard let token = made.token else { throw ProgramFailure("no token for the liar") }
    let transport = transport
    return Task { await liar.run(at: balancers, token: token, transport: transport) }
  }

  private func makeOperators() throws -> [Operator] {
    let ids = try instances.map { try InstanceID($0.name) }
    return try (1...2).map { number in
      try Operator(
        number: number, own: ids.enumerated().filter { $0.offset % 2 == number - 1 }.map(\.element),
        balancers: endpoints, seed: plan.seed, transport: transport, witness: witness)
    }
  }

  private var instances: [Member] { members.filter { $0.kind == .instance } }

  private var endpoints: [Endpoint] {
    (1...2).map { .unix(path: folder.path("lb\($0).sock")) }
  }

  /// One look at everything.
  private func attend() throws {
    let now = SteadyClock.nanoseconds
    for member in members {
      try member.attend(now)
      if member.kind == .instance {
        witness.server(try InstanceID(member.name), isUp: member.isReady)
      }
    }
    witness.balancersUp(members.count { $0.kind == .balancer && $0.isReady })
    witness.look()
  }

  private func wait(seconds: Double, for what: String, until isDone: () throws -> Bool) throws {
    let start = SteadyClock.nanoseconds
    while try !isDone() {
      guard Double(SteadyClock.nanoseconds - start) / 1e9 < seconds else {
        throw ProgramFailure("\(what): not there after \(Int(seconds)) s")
      }
      try attend()
      SteadyClock.wait(seconds: 0.05)
    }
  }

  // MARK: Killing

  /// In the first half anybody is killed; in the second half one balancer and one instance are
  /// spared, to see whether they grow among all the others' deaths.
  private func killUntilTheEnd(_ isAsked: () -> Bool) throws {
    let start = SteadyClock.nanoseconds
    func passed() -> Double { Double(SteadyClock.nanoseconds - start) / 1e9 }
    defer { seconds = passed() }
    let all = plan.minutes * 60
    var (nextKill, nextSample, nextWord) = (2.0, 0.0, 30.0)
    var done = 0
    while passed() < all, done < plan.kills, !isAsked() {
      try attend()
      if growth.isEmpty, passed() > all / 2 { watchTwo() }
      if passed() > nextKill, let victim = victims.randomElement(using: &random) {
        let down = Double.random(in: 0.2...6, using: &random)
        victim.kill(downUntil: SteadyClock.nanoseconds + Int64(down * 1e9))
        kills["\(victim.kind)", default: 0] += 1
        done += 1
        nextKill = passed() + Double.random(in: 1...5, using: &random)
      }
      if passed() > nextSample {
        for place in growth.indices { growth[place].sample() }
        nextSample = passed() + max(0.1, min(5, all / 200))
      }
      if passed() > nextWord {
        let count = witness.count
        Output.note(
          "\(Int(passed())) s: \(done) killed, \(count.sessions) sessions, "
            + "\(count.actions) actions, \(witness.sessions.values.reduce(0, +)) are in")
        nextWord += 30
      }
      SteadyClock.wait(seconds: 0.02)
      guard hasHeld else { return }
    }
  }

  private var victims: [Member] {
    let spared = Set(growth.map(\.name))
    return members.filter { $0.isReady && !spared.contains($0.name) }
  }

  private func watchTwo() {
    for kind in [Member.Kind.balancer, .instance] {
      let alive = members.filter { $0.kind == kind && $0.isReady }
      guard let member = alive.randomElement(using: &random), let child = member.child else {
        continue
      }
      growth.append(Growth(member.name, child))
    }
  }

  // MARK: The end

  /// Lets everybody come back, and holds the whole against what was acknowledged.
  private func checkEnd(_ operators: [Operator], _ changes: Task<Void, Never>) throws {
    do {
      try wait(seconds: 60, for: "all programs, at the end") { members.allSatisfy(\.isReady) }
      try Async.wait { await changes.value }
      witness.letStay()
      try wait(seconds: 10 + plan.patience, for: "a server for each client") {
        witness.sessions.values.reduce(0, +) == plan.clients
      }
      let revision =
        try database.ask("SELECT revision FROM aos.cluster")
        .split(separator: "\n").first.flatMap { Int64($0) } ?? .max
      if revision > 1_000_000 { witness.broke("the registry was taken to revision \(revision)") }
      for endpoint in endpoints { try agree(ClusterConnection(endpoint, transport: transport)) }
      let logged = try database.ask("SELECT reason, count(*) FROM aos.action GROUP BY reason")
        .split(separator: "\n").map(String.init)
      let once = Set(logged)
      for person in operators {
        try Async.wait { await person.check("at the end") }
        let lost = person.reasons.filter { !once.contains("\($0)|1") }
        if !lost.isEmpty { witness.broke("not once in the log: \(lost)") }
      }
    } catch { witness.broke("\(error)") }
    for one in growth where one.hasGrown { witness.broke("\(one.name) has grown") }
  }

  /// A balancer that sees as many sessions at each server as there are clients.
  private func agree(_ balancer: ClusterConnection) throws {
    let witness = witness
    let names = Set(try instances.map { try InstanceID($0.name) })
    var seen = "nothing"
    do {
      try wait(seconds: 10 + plan.patience, for: "\(balancer.endpoint)") {
        let status = try Async.wait { try await balancer.status() }
        let servers = status.instances.filter { names.contains($0.id) }
        let counted = servers.filter { $0.load.connected > 0 }
          .reduce(into: [:]) { $0[$1.id] = $1.load.connected }
        seen = "\(counted), where the clients say \(witness.sessions)"
        let bad = servers.filter { $0.health != .alive || !$0.delivered }
        if !bad.isEmpty {
          seen += "; \(bad.map { "\($0.id) \($0.health), delivered: \($0.delivered)" })"
        }
        return bad.isEmpty && counted == witness.sessions
      }
    } catch { throw ProgramFailure("\(error); it sees \(seen)") }
  }
}
