internal import ClusterModel
internal import Hosting
internal import Testing

/// The list that an instance gives where no balancer does.
@Suite("A list without any balancer")
struct PeerLoadsTests {
  private static func entry(_ number: Int) throws -> ServerDirectory.Entry {
    ServerDirectory.Entry(
      id: try InstanceID("AOS\(number < 10 ? "0" : "")\(number)"),
      address: try Address(host: "10.0.0.1", port: 2_700 + number), tls: false)
  }

  private static func peer(
    _ number: Int, _ connected: Int, of maximum: Int = 100
  ) throws -> PeerLoads.Peer {
    PeerLoads.Peer(try entry(number), load: Load(connected: connected, maximum: maximum))
  }

  private static func directory(_ count: Int) throws -> ServerDirectory {
    ServerDirectory(
      cluster: "TEST", epoch: "e1", revision: 1, servers: try (1...count).map(entry))
  }

  @Test("has the smallest workload first, and full ones last")
  func order() throws {
    var loads = PeerLoads()
    loads.heard(
      [try Self.peer(2, 100), try Self.peer(3, 10), try Self.peer(4, 10, of: 50)], .client, at: 0)
    let order = loads.order(for: .client, own: try Self.peer(1, 15), now: 0)
    #expect(order.map(\.entry.id.text) == ["AOS03", "AOS01", "AOS04", "AOS02"])
    let others = loads.order(for: .client, own: nil, now: 0)
    #expect(others.map(\.entry.id.text) == ["AOS03", "AOS04", "AOS02"])
  }

  @Test("counts for two seconds each client that was sent to a server")
  func named() throws {
    var loads = PeerLoads()
    loads.heard([try Self.peer(2, 0)], .client, at: 0)
    let own = try Self.peer(1, 0)
    let first = try (0..<4).map { _ in
      try #require(loads.order(for: .client, own: own, now: 0).first).entry.id.text
    }
    #expect(first == ["AOS01", "AOS02", "AOS01", "AOS02"])
    #expect(loads.order(for: .client, own: own, now: 1_999).map(\.load.reserved) == [2, 2])
    #expect(loads.order(for: .client, own: own, now: 2_000).map(\.load.reserved) == [0, 1])
    #expect(loads.order(for: .client, own: own, now: 3_999).map(\.load.reserved) == [0, 1])
    #expect(loads.order(for: .client, own: own, now: 9_999).map(\.load.reserved) == [0, 0])
  }

  @Test("counts the clients of the answering instance once, as those of the others")
  func own() throws {
    var loads = PeerLoads()
    loads.heard([try Self.peer(2, 5)], .client, at: 0)
    var connected = 5
    for _ in 0..<8 {
      let own = try Self.peer(1, connected)
      let first = try #require(loads.order(for: .client, own: own, now: 0).first)
      if first.entry.id.text == "AOS01" { connected += 1 }
    }
    #expect(connected == 9, "half of them")
    // With the next round it counts as it is, and at once where sessions have ended or it is full.
    loads.heard([try Self.peer(2, 9)], .client, at: 1_000)
    let loaded = loads.order(for: .client, own: try Self.peer(1, 9), now: 9_000)
    #expect(loaded.map(\.load.connected) == [9, 9])
    let emptied = loads.order(for: .client, own: try Self.peer(1, 2), now: 19_000)
    #expect(emptied.first?.load.connected == 2)
    let full = loads.order(for: .client, own: try Self.peer(1, 100), now: 29_000)
    #expect(full.last?.load.connected == 100)
  }

  @Test("asks once a second at most, for each kind of client")
  func rounds() throws {
    var loads = PeerLoads()
    #expect(loads.isDue(.client, now: 0))
    loads.heard([], .client, at: 0)
    #expect(!loads.isDue(.client, now: 999))
    #expect(loads.isDue(.batch, now: 999))
    #expect(loads.isDue(.client, now: 1_000))
  }

  @Test("asks the others, 64 of them at most, and random ones of more")
  func asked() throws {
    var generator = CountingGenerator()
    let own = try InstanceID("AOS01")
    let few = PeerLoads.asked(of: try Self.directory(65), by: own, using: &generator)
    #expect(few.count == 64)
    #expect(!few.contains { $0.id == own })
    let many = try Self.directory(500)
    let one = PeerLoads.asked(of: many, by: own, using: &generator)
    let two = PeerLoads.asked(of: many, by: own, using: &generator)
    #expect(one.count == 64 && two.count == 64)
    #expect(Set(one.map(\.id)) != Set(two.map(\.id)))
  }

  @Test(
    "spreads 1,000 clients that come within 30 s to within 5 points on four servers",
    arguments: [true, false])
  func spread(arriveAtOnce: Bool) throws {
    var loads = PeerLoads()
    var connected = [0, 0, 0, 0]
    // A client arrives at once, or half a second after it was told where to go.
    var onTheirWay: [(at: Int64, place: Int)] = []
    for number in 0..<1_000 {
      let now = Int64(number) * 30
      while let next = onTheirWay.first, next.at <= now {
        connected[next.place] += 1
        onTheirWay.removeFirst()
      }
      if loads.isDue(.client, now: now) {
        loads.heard(
          try (1..<4).map { try Self.peer($0 + 1, connected[$0], of: 1_000) }, .client, at: now)
      }
      let own = try Self.peer(1, connected[0], of: 1_000)
      let first = try #require(loads.order(for: .client, own: own, now: now).first)
      let place = try #require(Int(first.entry.id.text.suffix(1))) - 1
      onTheirWay.append((now + (arriveAtOnce ? 0 : 500), place))
    }
    for client in onTheirWay { connected[client.place] += 1 }
    let shares = connected.map { Double($0) / 10 }
    let (least, most) = (try #require(shares.min()), try #require(shares.max()))
    #expect(most - least <= 5, "\(connected)")
  }
}
