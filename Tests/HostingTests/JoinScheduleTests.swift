internal import Hosting
internal import Testing

@Suite("When an instance joins")
struct JoinScheduleTests {
  @Test("at once, then the endpoints in turn, with a growing pause after each round")
  func failures() {
    var schedule = JoinSchedule(endpointCount: 2, now: 1_000)
    #expect(schedule.dueAt <= 1_000)
    var pauses: [Int64] = []
    var now: Int64 = 1_000
    for _ in 0..<7 {
      #expect(schedule.endpoint == 0)
      schedule.failed(now: now, jitter: 1)
      #expect(schedule.endpoint == 1)
      #expect(schedule.dueAt == now, "the second endpoint's turn comes at once")
      schedule.failed(now: now, jitter: 1)
      pauses.append(schedule.dueAt - now)
      now = schedule.dueAt
    }
    #expect(pauses == [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000])
  }

  @Test("jitter takes up to half of the pause away, whatever the generator gives")
  func jitter() {
    for (jitter, pause) in [(0.0, Int64(125)), (0.5, 187), (1, 250), (7, 250), (-7, 125)] {
      var schedule = JoinSchedule(endpointCount: 1, now: 0)
      schedule.failed(now: 0, jitter: jitter)
      #expect(schedule.dueAt == pause)
    }
  }

  @Test("again 30 s after an answer while a balancer reads the load feed, at the same endpoint")
  func repeated() {
    var schedule = JoinSchedule(endpointCount: 3, now: 0)
    schedule.failed(now: 0, jitter: 0)
    schedule.answered(now: 100)
    schedule.readersChanged(to: 1, now: 200)
    #expect(schedule.endpoint == 1)
    #expect(schedule.dueAt == 30_100)
    schedule.answered(now: 30_100)
    #expect(schedule.dueAt == 60_100)
  }

  @Test("3 s after the last balancer left; ever more seldom while none comes")
  func lonely() {
    var schedule = JoinSchedule(endpointCount: 1, now: 0)
    schedule.answered(now: 0)
    schedule.readersChanged(to: 2, now: 10)
    schedule.readersChanged(to: 1, now: 20_000)
    #expect(schedule.dueAt == 30_000)
    schedule.readersChanged(to: 0, now: 20_000)
    #expect(schedule.dueAt == 23_000)
    var pauses: [Int64] = []
    for _ in 0..<5 {
      let now = schedule.dueAt
      schedule.answered(now: now)
      pauses.append(schedule.dueAt - now)
    }
    #expect(pauses == [6_000, 12_000, 24_000, 30_000, 30_000])
    schedule.readersChanged(to: 1, now: 200_000)
    schedule.readersChanged(to: 0, now: 200_000)
    schedule.answered(now: 200_000)
    #expect(schedule.dueAt == 206_000)
  }

  @Test("at once when a balancer speaks for an unknown registry, but not faster than failures")
  func hurry() {
    var schedule = JoinSchedule(endpointCount: 1, now: 0)
    schedule.answered(now: 0)
    schedule.hurry()
    #expect(schedule.dueAt == 0)
    schedule.failed(now: 5_000, jitter: 1)
    schedule.hurry()
    #expect(schedule.dueAt == 5_250)
  }
}
