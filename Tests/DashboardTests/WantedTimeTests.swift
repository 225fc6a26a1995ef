import ClusterModel
import Testing

@testable import Dashboard

@Suite("Times that are typed")
struct WantedTimeTests {
  @Test(
    "times are of the day that is shown, else of the day before",
    arguments: [
      ("10:41", "2026-03-01T10:41:00.000Z"), ("9:05:07", "2026-03-01T09:05:07.000Z"),
      ("23:59", "2026-02-28T23:59:00.000Z"), (" 10:42:07 ", "2026-03-01T10:42:07.000Z"),
      ("-5m", "2026-03-01T10:37:07.000Z"), ("-90s", "2026-03-01T10:40:37.000Z"),
      ("+30s", "2026-03-01T10:42:37.000Z"), ("-1h30m", "2026-03-01T09:12:07.000Z"),
      ("-5", "2026-03-01T10:37:07.000Z"), ("2026-02-27 10:00", "2026-02-27T10:00:00.000Z"),
      ("2026-02-27T10:00:00Z", "2026-02-27T10:00:00.000Z"),
    ])
  func understood(text: String, time: String) {
    let shown = Fixture.now
    #expect(WantedTime.time(text, shown: shown, latest: shown)?.description == time)
  }

  @Test(
    "anything else is none",
    arguments: [
      "", " ", "-", "+", "25:00", "10:60", "10", "10:", ":", "10:42:61", "-5x", "-m", "--5",
      "-9999999m", "2026-02-30 10:00", "now", "1:2:3:4", "-5m3", "é", "12:٣٤", "a b c",
    ])
  func refused(text: String) {
    #expect(WantedTime.time(text, shown: Fixture.now, latest: Fixture.now) == nil)
  }
}
