import ClusterAPI
import ClusterClient
import ClusterModel
import Testing

/// The rules of the cluster, each by its name, through real sockets.
@Suite("Rules of the cluster", .timeLimit(.minutes(2)))
struct RuleTests {
  @Test("a dedicated load balancer takes no client session, neither for clients nor for batch")
  func balancerTakesNobody() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      for kind in [ClientKind.client, .batch] {
        let request = SessionRequest(kind: kind, user: "ana", computer: "pc1")
        let refusal = await problem { try await cluster.clients.openSession(request) }
        #expect(refusal == .dedicatedLoadBalancer)
      }
      let status = try await cluster.operators.status()
      #expect(status[try InstanceID("LB1")]?.load.connected == 0)
    }
  }

  @Test("a balancer is in no handshake list")
  func balancerInNoList() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      for kind in [ClientKind.client, .batch] {
        let answer = try await cluster.operators.handshakeList(for: kind)
        #expect(answer.servers.map(\.id.text) == ["AOS01"])
      }
    }
  }

  @Test("a balancer serves RPC only; services are told to use a network load balancer")
  func rpcOnly() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      do {
        _ = try await cluster.clients.handshake(HandshakeRequest(kind: .service))
        Issue.record("the handshake was answered")
      } catch ClientFailure.problem(let problem) {
        #expect(problem.name == .rpcOnly)
        #expect(problem.name.status == 409)
        #expect(problem.detail.contains("network load balancer"))
      }
    }
  }

  @Test("a balancer needs no license, every other instance does; unlicensed ones are in no list")
  func license() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      try await cluster.change(.seats(1))
      try await cluster.start("AOS02")
      let status = try await cluster.operators.status()
      #expect(status[try InstanceID("LB1")]?.license == .notRequired)
      #expect(status[try InstanceID("AOS01")]?.license == .licensed(seat: 1))
      #expect(status[try InstanceID("AOS02")]?.license.isUnlicensed == true)
      #expect(status.handshakeList.map(\.text) == ["AOS01"])
      let refusal = await problem { try await cluster.open(at: "AOS02") }
      #expect(refusal == .unlicensed)
    }
  }

  @Test("adding and removing instances never needs a change to a client's configuration")
  func clientsKeepTheirConfiguration() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let configuration = [ServerEntry(address: cluster.balancerAddress)]
      #expect(try await servers(configuration, cluster) == ["AOS01"])
      try await cluster.start("AOS02")
      #expect(try await servers(configuration, cluster) == ["AOS01", "AOS02"])
      try await cluster.change(.drain([InstanceID("AOS01")]))
      try await cluster.change(.remove([try InstanceID("AOS01")]))
      #expect(try await servers(configuration, cluster) == ["AOS02"])
    }
  }

  /// Whom a client of this configuration is sent to, in alphabetical order.
  private func servers(
    _ configuration: [ServerEntry], _ cluster: LiveCluster
  ) async throws -> [String] {
    let connection = ClusterConnection(
      .http(configuration[0].address), transport: cluster.transport)
    return try await connection.handshake(HandshakeRequest()).servers.map(\.id.text).sorted()
  }

  @Test("the list is all active instances, smallest workload first")
  func sortedList() async throws {
    try await LiveCluster.run { cluster in
      // Ten instances at different loads; sizes differ so that counts and workloads disagree.
      var wanted: [(id: String, workload: Double)] = []
      for number in 0..<10 {
        let (name, maximum) = ("AOS\(10 + number)", 3 + number * 2)
        let connected = (number * 7) % min(maximum, 6)
        try await cluster.start(name, maximum: maximum)
        for _ in 0..<connected { try await cluster.open(at: name) }
        wanted.append((name, Double(connected) / Double(maximum)))
      }
      let total = wanted.map { _ in 0 }.count
      let expected = Dictionary(uniqueKeysWithValues: wanted.map { ($0.id, $0.workload) })
      let shown = try await cluster.until("all loads have arrived") { status in
        status.handshakeList.count == total
          && status.handshakeList.allSatisfy { status[$0]?.load.workload == expected[$0.text] }
      }
      let read = try await cluster.operators.handshakeList()
      #expect(read.servers.map(\.id) == shown.handshakeList)
      let workloads = read.servers.compactMap(\.load.workload)
      #expect(workloads == workloads.sorted())
      let given = try await cluster.clients.handshake(HandshakeRequest())
      #expect(given.servers.map(\.id) == shown.handshakeList)
      #expect(!given.more)
      let three = try await cluster.clients.handshake(HandshakeRequest(limit: 3))
      #expect(three.servers.count == 3)
      #expect(three.more)
      let ten = try await cluster.clients.handshake(HandshakeRequest(limit: total))
      #expect(ten.servers.count == total)
      #expect(!ten.more)
    }
  }

  @Test("the client tries each of the list until one accepts, and stays there")
  func clientsWay() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01", maximum: 1)
      try await cluster.start("AOS02", maximum: 1)
      try await cluster.open(at: "AOS01")
      let steps = Steps()
      let walk = ClientWalk(
        entries: [ServerEntry(address: cluster.balancerAddress)], user: "eva", computer: "pc2",
        transport: cluster.transport)
      let client = Task { await walk.run { await steps.append($0) } }
      let there = try InstanceID("AOS02")
      try await cluster.until("the client has arrived") { $0[there]?.load.connected == 1 }
      client.cancel()
      #expect(await client.value == .closed)
      try await cluster.until("the client has left") { $0[there]?.load.connected == 0 }
      #expect(await steps.servers.last == "AOS02")
    }
  }

  @Test("when the balancer is gone, the next entries of the configuration serve the client")
  func balancerGone() async throws {
    try await LiveCluster.run { cluster in
      let address = try await cluster.start("AOS01")
      let gone = cluster.balancerAddress
      await cluster.killBalancer()
      let steps = Steps()
      let walk = ClientWalk(
        entries: [
          ServerEntry(instance: "LB1", address: gone),
          ServerEntry(instance: "AOS01", address: address),
        ], user: "eva", computer: "pc2", transport: cluster.transport)
      let client = Task { await walk.run { await steps.append($0) } }
      await steps.opened()
      client.cancel()
      _ = await client.value
      #expect(await steps.servers == ["AOS01"])
      #expect(await steps.passedOver == ["LB1"])
    }
  }
}

/// What a client did on its way.
actor Steps {
  private(set) var servers: [String] = []
  private(set) var passedOver: [String] = []
  private var isOpen = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  func append(_ step: WalkStep) {
    switch step {
    case .passedOver(let entry, _): passedOver.append(entry.instance ?? "?")
    case .opened(let server, _):
      servers.append(server.id.text)
      isOpen = true
      for waiter in waiters { waiter.resume() }
      waiters = []
    default: break
    }
  }

  func opened() async {
    if !isOpen { await withCheckedContinuation { waiters.append($0) } }
  }
}
