import ClusterModel
import Testing

@testable import Dashboard

@Suite("History for the sparklines")
struct HistoryTests {
  private let servers = [Fixture.server("AOS01", 30, of: 60)]
  private var id: InstanceID { Fixture.id("AOS01") }

  @Test("one value every five seconds, sixty at most")
  func bounded() {
    var history = LoadTrends()
    for second in 0..<1_000 {
      history.sample(servers, at: Int64(second) * 1_000, isLive: true)
    }
    #expect(history.shares(of: id) == Array(repeating: 0.5, count: 60))
  }

  @Test("several events within a step make one value")
  func once() {
    var history = LoadTrends()
    for time in stride(from: Int64(0), to: 5_000, by: 100) {
      history.sample(servers, at: time, isLive: true)
    }
    #expect(history.shares(of: id) == [0.5])
  }

  @Test("time without a connection is unknown, not flat")
  func gap() {
    var history = LoadTrends()
    history.sample(servers, at: 0, isLive: true)
    history.sample(servers, at: 10_000, isLive: false)
    history.sample(servers, at: 15_000, isLive: true)
    #expect(history.shares(of: id) == [0.5, nil, nil, 0.5])
  }

  @Test("places in the list: the first is at the top, the last at the bottom, out of it is nothing")
  func places() {
    var history = LoadTrends()
    let list = Fixture.ids("AOS02", "AOS01", "AOS03")
    history.sample(servers, list: list, at: 0, isLive: true)
    history.sample(servers, list: [id, list[0]], at: 5_000, isLive: true)
    history.sample(servers, list: [list[0], id], at: 10_000, isLive: true)
    history.sample(servers, list: [list[0]], at: 15_000, isLive: true)
    history.sample(servers, list: [id], at: 20_000, isLive: true)
    history.sample(servers, list: [id], at: 25_000, isLive: false)
    #expect(history.places(of: id) == [0.5, 1, 0, nil, 1, nil])
  }

  @Test("what the balancer kept goes in front, step by step")
  func fill() {
    var history = LoadTrends()
    history.sample(servers, at: 0, isLive: true)
    let loads = [10, 20, 30].map { Load(connected: $0, maximum: 100) }
    history.fill(from: BalancerHistory(stepSeconds: 10, instances: [id: loads]))
    #expect(history.shares(of: id) == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.5])
  }

  @Test("what the balancer kept is of now, even where something was seen before it came")
  func fillLater() {
    var history = LoadTrends()
    for time in [Int64(0), 5_000, 10_000] { history.sample(servers, at: time, isLive: true) }
    let loads = [10, 20, 50].map { Load(connected: $0, maximum: 100) }
    history.fill(from: BalancerHistory(stepSeconds: 10, instances: [id: loads]))
    #expect(history.shares(of: id) == [0.1, 0.1, 0.2, 0.2, 0.5, 0.5, 0.5])
  }

  @Test("going back drops what came after, and shows servers that left since")
  func cut() {
    var history = LoadTrends(length: 100, keepsGone: true)
    let other = Fixture.server("AOS02", 6, of: 60)
    for step in 0..<80 {
      let load = Fixture.server("AOS01", step % 10 * 6, of: 60)
      let all = step < 70 ? [load, other] : [load]
      history.sample(all, list: [other.id, id], at: Int64(step) * 5_000, isLive: true)
    }
    #expect(history.shares(of: other.id).suffix(11) == [0.1] + Array(repeating: nil, count: 10))
    let recent = history.recent(of: servers)
    #expect(recent.shares(of: id).count == LoadTrends.length)
    #expect(recent.shares(of: id).last == 0.9)
    #expect(recent.shares(of: other.id).isEmpty)
    history.cut(after: 344_999)
    #expect(history.newestAt == 340_000)
    #expect(history.shares(of: other.id).count == 69)
    #expect(history.shares(of: id).last == 0.8)
    #expect(history.places(of: id).count == 69)
    history.cut(after: 340_000)
    #expect(history.shares(of: id).count == 69)
  }

  @Test("servers that left are kept no longer than their values")
  func goneForGood() {
    var history = LoadTrends(length: 10, keepsGone: true)
    history.sample(servers, list: [id], at: 0, isLive: true)
    for step in Int64(1)...9 { history.sample([], at: step * 5_000, isLive: true) }
    #expect(history.shares(of: id).count == 10)
    history.sample([], at: 50_000, isLive: true)
    #expect(history.shares(of: id).isEmpty)
  }

  @Test("a history from outside cannot break it", arguments: [-1, 0, 1, 3_600])
  func hostile(step: Int) {
    var history = LoadTrends()
    let loads = [Load(connected: 1_000_000_000, maximum: 1), Load(connected: 0, maximum: 0)]
    let instances = [id: loads, Fixture.id("X"): []]
    history.fill(from: BalancerHistory(stepSeconds: step, instances: instances))
    history.sample(servers, at: 0, isLive: true)
    #expect(history.shares(of: id).count <= LoadTrends.length)
  }

  @Test("instances that left are forgotten")
  func forgotten() {
    var history = LoadTrends()
    history.sample(servers, at: 0, isLive: true)
    history.sample([], at: 5_000, isLive: true)
    #expect(history.shares(of: id).isEmpty)
  }
}

@Suite("How figures are written")
struct FormatTests {
  @Test(
    "only what is full says 100 %",
    arguments: [
      (0.0, "0 %"), (0.683, "68 %"), (0.996, "99 %"), (0.9999, "99 %"), (1, "100 %"),
      (1.001, "101 %"), (1.117, "112 %"),
    ])
  func percent(share: Double, text: String) {
    #expect(Format.percent(share) == text)
  }

  @Test("no share is a dash")
  func none() {
    #expect(Format.percent(nil) == "—")
    #expect(Format.percent(.nan) == "—")
  }

  @Test(
    "spans in two units at most",
    arguments: [
      (-5, "0s"), (999, "0s"), (59_999, "59s"), (60_000, "1m"), (11_520_000, "3h12m"),
      (10_800_000, "3h"), (187_200_000, "2d4h"), (172_800_000, "2d"),
    ])
  func span(milliseconds: Int64, text: String) {
    #expect(Format.span(milliseconds: milliseconds) == text)
  }

  @Test("digits stand in groups", arguments: [(0, "0"), (999, "999"), (90_412, "90,412")])
  func grouped(number: Int, text: String) {
    #expect(Format.grouped(number) == text)
  }

  @Test("a rate has one decimal", arguments: [(4.25, "4.3"), (0, "0.0"), (.infinity, "—")])
  func rate(perSecond: Double, text: String) {
    #expect(Format.rate(perSecond) == text)
  }

  @Test("the equivalent command can be pasted into a shell")
  func commands() throws {
    let id = Fixture.ids("AOS01")
    let address = try Address("h:1")
    let commands = [
      Order(.drain(id, reason: "a b"), acknowledge: [.lastServer]),
      Order(.enable(id)),
      Order(.add(id[0], at: address, accept: true)),
      Order(.remove([id[0]], force: true)),
      Order(.limit([id[0]], to: nil)),
    ].map { $0.commandLine() }
    #expect(
      commands == [
        "aosctl drain AOS01 --reason 'a b' --acknowledge lastServer", "aosctl enable AOS01",
        "aosctl add AOS01 h:1 --accept", "aosctl remove AOS01 --force", "aosctl limit AOS01 none",
      ])
  }
}
