import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Alerts: what happened is told until somebody looked")
struct AlertTests {
  private func quietStory(
    _ options: DashboardOptions = DashboardOptions(), columns: Int = 80
  ) -> Story {
    Story(columns: columns, options: options, snapshot: Fixture.quiet)
  }

  private func header(_ story: Story) -> String { story.line(with: " PROD ") }

  @Test("a cluster without alerts says so")
  func none() {
    var story = quietStory()
    #expect(!story.picture.contains("NEW"))
    story.press(.character("a"))
    #expect(story.picture.contains("nothing is wrong"))
    #expect(story.picture.contains("Load is a warning from 80 % and critical from 90 %."))
  }

  @Test("the header counts a lost instance as new until the operator opens the alerts")
  func lost() {
    var story = quietStory()
    story.change {
      $0.insert(
        Fixture.server(
          "AOS02", 20, of: 60, health: .unreachable, healthAge: 3, healthReason: "reset by peer"))
    }
    #expect(header(story).contains("1 NEW"))
    #expect(story.line(with: " q  Quit").hasPrefix(" a  Alerts"))
    story.press(.down, .tab, .escape)
    #expect(header(story).contains("1 NEW"))
    story.press(.character("a"))
    #expect(story.picture.contains("10:42:04  critical  AOS02     unreachable: reset by peer"))
    story.press(.escape)
    #expect(!story.picture.contains("NEW"))
    #expect(!story.picture.contains(" a  Alerts"))
  }

  @Test("an application that is down is an alert, with the reason and the time")
  func application() {
    var story = quietStory(columns: 120)
    story.change {
      var instance = Fixture.server("AOS02", 20, of: 60)
      instance.application = ApplicationStatus(
        .down, since: Fixture.ago(60), reason: "AOS02 says: \"Connection refused\"")
      instance.exclusion = .known(.applicationDown)
      $0.insert(instance)
    }
    #expect(header(story).contains("1 NEW"))
    #expect(story.line(with: "AOS02").contains("application down"))
    story.press(.character("a"))
    let line = story.line(with: "AOS02")
    let words = "application down: AOS02 says: \"Connection refused\""
    #expect(line.contains("critical  AOS02     \(words)"))
    #expect(line.contains("10:41:07"))
  }

  @Test("what is over stays in the list, with both times")
  func over() {
    var story = quietStory()
    story.change { $0.insert(Fixture.server("AOS02", 20, of: 60, health: .unreachable)) }
    story.change {
      $0.at = $0.at.adding(milliseconds: 8_000)
      $0.insert(Fixture.server("AOS02", 0, of: 60))
    }
    #expect(header(story).contains("1 NEW"))
    story.press(.character("a"))
    #expect(story.picture.contains("nothing is wrong"))
    #expect(story.line(with: "Resolved: 1") != "")
    #expect(story.line(with: "AOS02") == "  02-27 06:42–10:42:15  AOS02     unreachable")
  }

  @Test("a load on the edge of a threshold is one alert, however it swings")
  func hysteresis() {
    var story = quietStory()
    for connected in [47, 48, 47, 48, 46, 48] {
      story.change { $0.setLoad(Load(connected: connected, maximum: 60), of: Fixture.id("AOS01")) }
    }
    #expect(header(story).contains("1 NEW"))
    story.press(.character("a"), .escape)
    story.change { $0.setLoad(Load(connected: 44, maximum: 60), of: Fixture.id("AOS01")) }
    story.change { $0.setLoad(Load(connected: 48, maximum: 60), of: Fixture.id("AOS01")) }
    #expect(!story.picture.contains("NEW"))
    #expect(story.dashboard.alerts.newestFirst.count == 1)
  }

  @Test("a minute of peace later the same is told again")
  func again() {
    var story = quietStory()
    for _ in 1...2 {
      story.change { $0.setLoad(Load(connected: 50, maximum: 60), of: Fixture.id("AOS01")) }
      #expect(header(story).contains("1 NEW"))
      story.press(.character("a"), .escape)
      story.change { $0.setLoad(Load(connected: 5, maximum: 60), of: Fixture.id("AOS01")) }
      story.wait(milliseconds: 61_000)
    }
    #expect(story.dashboard.alerts.newestFirst.count == 2)
  }

  @Test("what becomes worse is told again, what becomes better is not")
  func worse() {
    var story = quietStory()
    story.change { $0.setLoad(Load(connected: 50, maximum: 60), of: Fixture.id("AOS01")) }
    story.press(.character("a"), .escape)
    story.change { $0.setLoad(Load(connected: 60, maximum: 60), of: Fixture.id("AOS01")) }
    #expect(header(story).contains("1 NEW"))
    story.press(.character("a"))
    #expect(story.line(with: "AOS01").contains("critical  AOS01     load 100 % (60/60)"))
    story.press(.escape)
    story.change { $0.setLoad(Load(connected: 50, maximum: 60), of: Fixture.id("AOS01")) }
    #expect(!story.picture.contains("NEW"))
  }

  @Test("thresholds are the operator's: of the alerts, the colours and the problems")
  func thresholds() {
    let strict = LoadThresholds(warnPercent: 30, criticalPercent: 40)
    var story = quietStory(DashboardOptions(thresholds: strict))
    #expect(header(story).contains("3 NEW"))
    story.press(.character("p"))
    #expect(story.order == ["AOS03"])
    let colors = story.grid.styledLine(4)
    #expect(!colors.contains("red"))  // the row of the cursor has no colours
    story.press(.character("p"))
    let grid = story.grid
    #expect((4...8).contains { grid.styledLine($0).contains("bold red:██░  50 %") })
  }

  @Test("one threshold alone moves the other one out of its way")
  func oneThreshold() {
    let low = LoadThresholds(warnPercent: nil, criticalPercent: 70)
    #expect((low.warnPercent, low.criticalPercent) == (70, 70))
    let high = LoadThresholds(warnPercent: 95, criticalPercent: nil)
    #expect((high.warnPercent, high.criticalPercent) == (95, 95))
    let own = LoadThresholds(warnPercent: nil, criticalPercent: nil)
    #expect((own.warnPercent, own.criticalPercent) == (80, 90))
  }

  @Test("no server in service, the registry away, the license: each has its sentence")
  func cluster() {
    var story = quietStory()
    story.change { snapshot in
      snapshot.handshakeList = []
      snapshot.balancer.registry.state = .known(.unavailable)
      snapshot.license = LicenseSummary(
        state: .grace, seats: 3, seatsUsed: 3,
        expiresAt: Timestamp("2026-02-27T00:00:00.000Z")!)
      snapshot.insert(Fixture.server("AOS04", 0, of: 60, seat: nil))
    }
    #expect(header(story).contains("4 NEW"))
    story.press(.character("a"))
    for sentence in [
      "no server takes clients", "the registry is away: nothing can be changed",
      "license expired, in the grace period (end",
      "AOS04 has no license seat (3 seats, 4 servers)",
    ] { #expect(story.picture.contains("cluster   \(sentence)")) }
  }

  @Test("where every server of the list is full, an alert says that nobody can get in")
  func full() {
    var story = quietStory()
    let ids = Fixture.ids("AOS01", "AOS02", "AOS03")
    story.change { for id in ids { $0.setLoad(Load(connected: 60, maximum: 60), of: id) } }
    story.press(.character("a"))
    #expect(
      story.picture.contains(
        "critical  cluster   every server of the list is full"))
    story.press(.escape)
    story.change { $0.setLoad(Load(connected: 59, maximum: 60), of: ids[0]) }
    story.press(.character("a"))
    let isOver = story.dashboard.alerts.newestFirst.contains {
      $0.key.kind == .noService && $0.ended != nil
    }
    #expect(isOver)
  }

  @Test("an expiring license is an alert from its first day, and another one when it has expired")
  func license() {
    var story = quietStory()
    for (state, isNews) in [
      (LicenseSummary.State.expiring, true), (.expiring, false), (.grace, true), (.expired, false),
    ] {
      story.change { $0.license.state = .known(state) }
      #expect(story.picture.contains("NEW") == isNews, "\(state)")
      story.press(.character("a"), .escape)
    }
  }

  @Test("a server of before that is dead when its balancer starts is lost, and not awaited")
  func deadAtStart() {
    var story = quietStory()
    var dead = Fixture.server(
      "AOS01", 0, of: 60, delivered: false, health: .unreachable, healthAge: 1,
      healthReason: "connection refused")
    (dead.version, dead.startedAt) = (nil, nil)
    story.change { $0.insert(dead) }
    story.press(.character("a"))
    #expect(story.picture.contains("critical  AOS01     unreachable: connection refused"))
  }

  @Test("a change that has not reached its instance for five seconds is an alert")
  func undelivered() throws {
    var story = quietStory()
    story.change {
      $0.insert(
        Fixture.server(
          "AOS01", 10, of: 60, admission: .rejecting, by: "alice", delivered: false,
          drain: Drain(startedAt: Fixture.now, startedWith: 10)))
    }
    #expect(!story.picture.contains("NEW"))
    let due = try #require(story.dashboard.nextDeadline)
    #expect(due <= story.now + 5_000)
    story.wait(milliseconds: 5_000)
    #expect(header(story).contains("1 NEW"))
    story.press(.character("a"))
    let sentence = "warning   AOS01     rejecting is not delivered yet"
    #expect(story.line(with: "AOS01").contains(sentence))
  }

  @Test("a drain that is a day old is an alert")
  func forgotten() {
    var story = quietStory()
    story.change {
      $0.insert(
        Fixture.server(
          "AOS01", 0, of: 60, admission: .rejecting, by: "alice",
          drain: Drain(startedAt: Fixture.ago(86_395), startedWith: 10)))
    }
    #expect(!story.picture.contains("NEW"))
    story.wait(milliseconds: 6_000)
    #expect(header(story).contains("1 NEW"))
    story.press(.character("a"))
    #expect(story.picture.contains("10:42:12  warning   AOS01     has rejected new clients"))
  }

  @Test("what goes with its instance is over")
  func gone() {
    var story = quietStory()
    story.change { $0.insert(Fixture.server("AOS02", 20, of: 60, health: .unreachable)) }
    story.change { $0.remove(Fixture.id("AOS02")) }
    story.press(.character("a"))
    #expect(story.picture.contains("Resolved: 1"))
    var again = quietStory()
    again.change { $0.insert(Fixture.server("AOS02", 20, of: 60, health: .unreachable)) }
    again.send(.snapshot(Fixture.quiet))
    again.press(.character("a"))
    #expect(again.picture.contains("Resolved: 1"))
  }

  @Test("the bell rings only where it is asked for, once for each, and not for how things were")
  func bell() {
    var silent = quietStory()
    silent.change { $0.handshakeList = [] }
    #expect(!silent.effects.contains(.bell))
    var story = Story(options: DashboardOptions(rings: true))
    #expect(header(story).contains("4 NEW"))
    #expect(!story.effects.contains(.bell))
    story.change { $0.balancer.registry.state = .known(.unavailable) }
    #expect(story.effects == [.bell])
    story.change { $0.handshakes.total += 1 }
    #expect(story.effects == [.bell])
  }

  @Test("alerts go on while the picture is paused or of the past")
  func paused() {
    var story = quietStory()
    story.press(.character("z"))
    story.change { $0.setLoad(Load(connected: 58, maximum: 60), of: Fixture.id("AOS01")) }
    #expect(header(story).contains("1 NEW"))
  }

  @Test("a thousand lost instances are a thousand alerts, each told once")
  func many() {
    var story = quietStory()
    let lost = (1...1_000).map { Fixture.server("S\($0)", 1, of: 60, health: .unreachable) }
    for _ in 1...2 {
      story.change { snapshot in for instance in lost { snapshot.insert(instance) } }
      #expect(header(story).contains("1,000 NEW"))
      story.send(.snapshot(story.dashboard.feed.snapshot!))
      #expect(header(story).contains("1,000 NEW"))
    }
  }
}
