import Balancing
import ClusterModel
import Testing

/// What instances learn of the other servers, for the time when no balancer answers.
@Suite("The list of servers that balancers send")
struct ServerListNewsTests {
  private static func told(_ cluster: inout Cluster) -> [String] {
    let news = cluster.balancer.serverListNews(now: cluster.now)
    for id in news.instances { cluster.balancer.tookServers(id, stamp: news.stamp) }
    return news.instances.map(\.text)
  }

  @Test("has every server and no balancer, with the registry's revision")
  func content() throws {
    var cluster = try Cluster()
    try cluster.join("AOS02")
    try cluster.join("AOS01")
    let list = cluster.balancer.serverListNews(now: cluster.now).directory
    #expect(list.servers.map(\.id.text) == ["AOS01", "AOS02"])
    #expect(list.revision == cluster.contents.revision)
    #expect([list.cluster, list.epoch] == ["TEST", "e1"])
  }

  @Test("is sent to each instance once, again when it changed, and every 10 s at most")
  func pace() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    #expect(Self.told(&cluster) == ["AOS01"])
    #expect(Self.told(&cluster) == [])
    try cluster.join("AOS02")
    #expect(Self.told(&cluster) == ["AOS02"])
    cluster.pass(milliseconds: 9_999)
    #expect(Self.told(&cluster) == [])
    cluster.pass(milliseconds: 1)
    #expect(Self.told(&cluster) == ["AOS01"])
    cluster.pass(milliseconds: 100_000)
    #expect(Self.told(&cluster) == [])
  }

  @Test("touches no order: a drain does not send it, and it delivers nothing")
  func noOrder() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    _ = Self.told(&cluster)
    try cluster.change(.drain([InstanceID("AOS01")]))
    cluster.pass(milliseconds: 10_000)
    #expect(Self.told(&cluster) == [])
    #expect(try !cluster.status("AOS01").delivered)
  }

  @Test("is sent again after 10 s where an instance did not take it, and after a new feed")
  func again() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    #expect(cluster.balancer.serverListNews(now: cluster.now).instances.map(\.text) == ["AOS01"])
    #expect(cluster.balancer.serverListNews(now: cluster.now).instances == [])
    cluster.pass(milliseconds: 10_000)
    #expect(Self.told(&cluster) == ["AOS01"])
    try cluster.feed("AOS01", .closed(reason: "its load feed ended"))
    cluster.pass(milliseconds: 10_000)
    #expect(Self.told(&cluster) == [], "no feed is open")
    try cluster.hello("AOS01")
    #expect(Self.told(&cluster) == ["AOS01"])
  }

  @Test("waits, for those who have an older one, until servers come and go less often")
  func quiet() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    _ = Self.told(&cluster)
    cluster.pass(milliseconds: 10_000)
    for number in 2...52 {
      try cluster.join("AOS\(number + 100)")
      cluster.pass(milliseconds: 1_000)
      let told = Self.told(&cluster)
      // A minute after the first time.
      let expected = number == 51 ? ["AOS01", "AOS\(number + 100)"] : ["AOS\(number + 100)"]
      #expect(Set(told).isSuperset(of: expected) && told.contains("AOS01") == (number == 51))
    }
    cluster.pass(milliseconds: 10_000)
    #expect(Self.told(&cluster).contains("AOS01"))
  }

  @Test("is one of several in a cluster of thousands: each instance is told the one with itself")
  func several() throws {
    var cluster = try Cluster()
    let names = (1...2_500).map { "AOS\(10_000 + $0)" }
    for name in names {
      let id = try InstanceID(name)
      cluster.contents.instances[id] = RegisteredInstance(
        id: id, reach: InstanceReach(try Address("\(name):2712")),
        profile: InstanceProfile(role: .server(.both), ownMaximum: 10),
        record: AdmissionRecord(.accepting, at: cluster.now.wall, by: "ana"))
    }
    try cluster.join("AOS01")
    for name in names { try cluster.hello(name) }
    var lists: [Int: Set<String>] = [:]
    var told: Set<String> = []
    while true {
      let news = cluster.balancer.serverListNews(now: cluster.now)
      for id in news.instances { cluster.balancer.tookServers(id, stamp: news.stamp) }
      let list = Set(news.directory.servers.map(\.id.text))
      told.formUnion(news.instances.map(\.text))
      if !news.instances.isEmpty { lists[news.stamp] = list }
      #expect(list.isSuperset(of: news.instances.map(\.text)))
      #expect(news.directory.servers.map(\.id) == news.directory.servers.map(\.id).sorted())
      guard news.isCut else { break }
    }
    #expect(told == Set(names + ["AOS01"]))
    #expect(lists.count == 4)
    #expect(lists.values.reduce(0) { $0 + $1.count } == 2_501, "no server is in two of them")
    #expect(lists.values.allSatisfy { (300...1_000).contains($0.count) })
    // One more concerns one list alone.
    cluster.pass(milliseconds: 10_000)
    try cluster.join("AOS02")
    cluster.pass(milliseconds: 2_000)
    let news = cluster.balancer.serverListNews(now: cluster.now)
    let before = lists.values.filter {
      $0.isSuperset(of: news.instances.map(\.text).filter { $0 != "AOS02" })
    }
    #expect(before.count == 1)
    #expect(Set(news.directory.servers.map(\.id.text)) == before.first?.union(["AOS02"]))
  }
}
