import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("What the balancer takes from this operator")
struct AccessTests {
  private static let words = "The token may read and change nothing: its role is viewer."

  @Test("a balancer that takes no changes makes the screen read-only, in its own words")
  func readOnly() {
    var story = Story()
    #expect(story.picture.contains("[RW]"))
    story.send(.access(refusal: Self.words))
    #expect(story.picture.contains("[RO]"))
    #expect(story.message == "read-only: \(Self.words)")
    story.effects = []
    story.press(.character("D"))
    #expect(story.effects == [.bell])
    #expect(story.dashboard.overlay == .none)
    #expect(story.message.contains(Self.words))
  }

  @Test("the header says [RW] only while no key would be refused")
  func header() {
    var story = Story()
    story.wait(milliseconds: 2_000)
    story.change { $0.setLoad(Load(connected: 1, maximum: 60), of: Fixture.id("AOS01")) }
    #expect(story.line(with: " PROD ").contains("[RW]  live"))
    story.press(.character("["))
    #expect(story.line(with: " PROD ").contains("[RO]  PAST"))
    story.press(.character("0"))
    #expect(story.line(with: " PROD ").contains("[RW]  live"))
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    #expect(story.line(with: " PROD ").contains("[RO]  STALE"))
    story.send(.live(endpoint: "x"))
    #expect(story.line(with: " PROD ").contains("[RW]  live"))
  }

  @Test("w does not end it, and a balancer that takes changes does")
  func unlocked() {
    var story = Story()
    story.send(.access(refusal: Self.words))
    story.press(.character("w"))
    #expect(story.picture.contains("[RO]"))
    story.send(.access(refusal: nil))
    #expect(story.picture.contains("[RW]"))
  }

  @Test("a dialog that is open closes, and control characters are not shown")
  func dialog() {
    var story = Story()
    story.press(.character("D"))
    #expect(story.dashboard.overlay != .none)
    story.send(.access(refusal: "no\u{1B}[2J"))
    #expect(story.dashboard.overlay == .none)
    #expect(story.message == "read-only: no?[2J")
  }
}
