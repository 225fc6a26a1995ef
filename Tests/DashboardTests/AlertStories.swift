import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: alerts")
struct AlertStories {
  @Test("A server runs full: a warning at 80 %, told again when it becomes critical")
  func load() {
    var story = Story(snapshot: Fixture.quiet)
    story.hides("NEW")
    story.setSessions("AOS01", 48)
    story.shows("1 NEW")
    story.shows(" a  Alerts  D  Drain")
    story.press(.character("a"))
    story.shows("  10:42:07  warning   AOS01     load 80 % (48/60)")
    story.press(.escape)
    story.hides("NEW")
    story.setSessions("AOS01", 54)
    story.shows("1 NEW")
    story.press(.character("a"))
    story.shows("  10:42:07  critical  AOS01     load 90 % (54/60)")
  }

  @Test("The whole list runs full: its load is told with what is reserved on it")
  func list() {
    var story = Story(snapshot: Fixture.quiet)
    story.change { snapshot in
      for name in ["AOS01", "AOS02", "AOS03"] {
        let load = Load(connected: 46, reserved: 1, maximum: 60)
        snapshot.setLoad(load, of: Fixture.id(name))
      }
    }
    story.hides("NEW")
    story.change {
      $0.setLoad(Load(connected: 47, reserved: 4, maximum: 60), of: Fixture.id("AOS01"))
    }
    story.shows("list 139+6/180 ███░ 81 %")
    story.press(.character("a"))
    story.shows("warning   AOS01     load 85 % (47/60, 4 reserved)")
    story.shows("warning   cluster   load of the list 81 % (139+6/180)")
  }

  @Test("A license comes to its end: a warning with the day, then grace, then it is over")
  func license() {
    var story = Story(snapshot: Fixture.quiet)
    func set(_ state: LicenseSummary.State) {
      story.change {
        $0.license = LicenseSummary(
          state: state, seats: 8, seatsUsed: 3, expiresAt: Timestamp("2026-03-20T00:00:00.000Z"))
      }
    }
    set(.expiring)
    story.press(.character("a"))
    story.shows("warning   cluster   license expires soon (end 2026-03-20)")
    set(.grace)
    story.shows("critical  cluster   license expired, in the grace period (end")
    set(.expired)
    story.shows("critical  cluster   license expired (end 2026-03-20)")
  }

  @Test("There are fewer seats than servers: who has none is named, and how many there are")
  func seats() {
    var story = Story(snapshot: Fixture.quiet)
    story.change { snapshot in
      snapshot.license = LicenseSummary(state: .valid, seats: 2, seatsUsed: 2)
      snapshot.insert(Fixture.server("AOS03", 30, of: 60, seat: nil))
    }
    story.press(.character("a"))
    story.shows("critical  cluster   AOS03 has no license seat (2 seats, 3 servers)")
    story.press(.escape)
    story.shows("  AOS03     app      !unlicensed")
  }

  @Test("Added before it was started: a warning says so; once it was there, its loss is critical")
  func addedAhead() {
    var story = Story(columns: 120, snapshot: Fixture.quiet)
    var ahead = Fixture.server(
      "AOS09", 0, of: 0, admission: .rejecting, by: "alice", delivered: false,
      health: .unreachable, healthAge: 1, healthReason: "connection refused")
    (ahead.version, ahead.startedAt) = (nil, nil)
    story.change { $0.insert(ahead) }
    story.wait(milliseconds: 6_000)
    story.press(.character("a"))
    story.shows("warning   AOS09     not started yet: connection refused")
    story.hides("is not delivered yet")
    story.press(.escape, .end, .up, .enter)
    story.shows(
      "no, but the order is kept: it never connected; it gets the order when it does")
    story.hides("may still")
    story.press(.escape)
    story.change { $0.insert(Fixture.server("AOS09", 0, of: 60)) }
    story.change {
      $0.insert(
        Fixture.server("AOS09", 0, of: 60, health: .unreachable, healthReason: "reset by peer"))
    }
    story.press(.character("a"))
    story.shows("critical  AOS09     unreachable: reset by peer")
  }

  @Test("A drain has not reached its server for five seconds: then it is an alert, not before")
  func undelivered() {
    var story = Story(snapshot: Fixture.quiet)
    story.change {
      $0.insert(
        Fixture.server("AOS02", 20, of: 60, admission: .rejecting, by: "bob", delivered: false))
    }
    story.wait(milliseconds: 4_000)
    story.hides("NEW")
    story.wait(milliseconds: 1_500)
    story.shows("1 NEW")
    story.press(.character("a"))
    story.shows("warning   AOS02     rejecting is not delivered yet")
    story.change {
      $0.insert(Fixture.server("AOS02", 20, of: 60, admission: .rejecting, by: "bob"))
    }
    story.shows("nothing is wrong")
    story.shows("Resolved: 1")
  }

  @Test("Somebody forgot a drain: after a day it is told, with who drained")
  func forgotten() {
    var story = Story(snapshot: Fixture.quiet)
    story.change {
      $0.insert(
        Fixture.server(
          "AOS03", 0, of: 60, admission: .rejecting, by: "alice",
          drain: Drain(startedAt: Fixture.ago(86_340), startedWith: 12)))
    }
    story.hides("NEW")
    story.wait(milliseconds: 61_000)
    story.shows("1 NEW")
    story.press(.character("a"))
    story.shows("warning   AOS03     has rejected new clients for a day (alice)")
  }

  @Test("Every server of the list is full: nobody can log on, and the header is red with it")
  func full() {
    var story = Story(snapshot: Fixture.quiet)
    for name in ["AOS01", "AOS02", "AOS03"] { story.setSessions(name, 60) }
    story.shows("clients 0/3")
    story.press(.character("a"))
    story.shows("critical  cluster   every server of the list is full")
    story.press(.escape)
    story.setSessions("AOS02", 59)
    story.press(.character("a"))
    story.shows("Resolved: 1")
    story.shows("10:42:07–10:42:07  cluster   every server of the list is full")
  }

  @Test("What is over before anybody looked stays marked, with when it began and ended")
  func sticky() {
    var story = Story(snapshot: Fixture.quiet)
    story.change {
      $0.insert(
        Fixture.server(
          "AOS02", 20, of: 60, health: .unreachable, healthAge: 0,
          healthReason: "connection refused"))
    }
    story.change {
      $0.at = $0.at.adding(milliseconds: 20_000)
      $0.insert(Fixture.server("AOS02", 20, of: 60, healthAge: -20))
    }
    story.wait(milliseconds: 3_600_000)
    story.shows("1 NEW")
    story.press(.character("a"))
    story.shows("  nothing is wrong")
    story.shows("  10:42:07–10:42:27  AOS02     unreachable: connection refused")
    story.press(.escape)
    story.hides("NEW")
  }

  @Test("A server that comes and goes within a minute is one alert, not one for each time")
  func flapping() {
    var story = Story(snapshot: Fixture.quiet)
    for _ in 1...3 {
      story.change {
        $0.insert(Fixture.server("AOS02", 0, of: 60, health: .unreachable, healthAge: 0))
      }
      story.wait(milliseconds: 5_000)
      story.change { $0.insert(Fixture.server("AOS02", 0, of: 60, healthAge: 0)) }
      story.wait(milliseconds: 5_000)
    }
    story.shows("1 NEW")
    story.press(.character("a"))
    story.shows("Resolved: 1")
  }

  @Test("Ring for what is new: the bell for each alert, none for what was there at the start")
  func bell() {
    var story = Story(options: DashboardOptions(rings: true))
    story.shows("4 NEW")
    #expect(!story.effects.contains(.bell))
    story.change {
      $0.insert(Fixture.server("AOS04", 12, of: 60, health: .unreachable, healthAge: 0))
    }
    story.shows("5 NEW")
    #expect(story.effects.count { $0 == .bell } == 1)
    story.setSessions("AOS04", 13)
    #expect(story.effects.count { $0 == .bell } == 1)
  }

  @Test("Be told earlier: own thresholds for loads, which the list of alerts names")
  func thresholds() {
    let early = LoadThresholds(warnPercent: 30, criticalPercent: 50)
    var story = Story(options: DashboardOptions(thresholds: early), snapshot: Fixture.quiet)
    story.shows("3 NEW")
    story.press(.character("a"))
    story.shows("warning   AOS02     load 33 % (20/60)")
    story.shows("critical  AOS03     load 50 % (30/60)")
    story.shows("warning   cluster   load of the list 33 % (60/180)")
    story.shows("Load is a warning from 30 % and critical from 50 %. Times are UTC.")
  }
}
