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
}
