import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Test func peek() {
  for (c, r) in [(80, 24), (120, 40), (200, 60), (40, 10)] {
    var story = Story(columns: c, rows: r)
    story.send(.history(Fixture.history))
    print("=== \(c)x\(r)")
    print(story.picture)
  }
  var story = Story()
  story.send(.history(Fixture.history))
  story.press(.down, .down, .down, .character("D"))
  print("=== asking"); print(story.picture)
  story.answerDryRuns(.fine(warnings: [.overCapacity]))
  print("=== dialog"); print(story.picture)
  story.press(.escape, .character("2"))
  print("=== list"); print(story.picture)
  story.press(.character("3"))
  print("=== actions"); print(story.picture)
  story.press(.character("1"), .enter)
  print("=== detail"); print(story.picture)
  story.press(.escape, .character("?"))
  print("=== help"); print(story.picture)
  story.press(.escape)
  story.press(.character("/")); story.type("alive")
  print("=== filter"); print(story.picture)
  story.press(.enter, .character(" "), .character(" "), .character("p"))
  story.send(.lost(reason: "connection refused", retryAt: story.now + 5000))
  story.wait(milliseconds: 2000)
  print("=== stale"); print(story.picture)
  print(Dashboard.plainText(of: Fixture.snapshot, options: DashboardOptions()))
  var w = Story(snapshot: nil)
  w.send(.lost(reason: "connection refused", retryAt: w.now + 5000))
  print("=== waiting"); print(w.picture)
  var add = Story(columns: 80, rows: 24, options: DashboardOptions(isASCII: true))
  add.press(.character("A")); add.type("AOS11"); add.press(.enter); add.type("10.0.0.11:99999")
  print("=== add"); print(add.picture)
}
