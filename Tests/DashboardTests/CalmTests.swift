import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Calm, and the first minute")
struct CalmTests {
  @Test("a message that wants no answer is gone after its time")
  func messages() {
    var story = Story()
    story.press(.character("F"))
    #expect(!story.message.isEmpty)
    story.wait(milliseconds: 5_000)
    #expect(story.message.isEmpty)
    story.press(.character("w"), .character("D"))
    #expect(story.message.hasPrefix("Cannot drain"))
    story.wait(milliseconds: 30_000)
    #expect(story.message.isEmpty)
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    story.send(.live(endpoint: "unix:///run/aos/other.sock"))
    #expect(story.message.contains("now watching through"))
    story.wait(milliseconds: 10_000)
    #expect(story.message.isEmpty)
  }

  @Test("the next deadline is the end of the message, so that it goes without a key")
  func due() throws {
    var story = Story()
    story.wait(milliseconds: 4_000)
    story.press(.character("F"))
    for _ in 0..<10 where !story.message.isEmpty {
      story.now = try #require(story.dashboard.nextDeadline)
      story.send(.tick)
    }
    #expect(story.message.isEmpty)
  }

  @Test(
    "without a balancer the screen says what was tried, and how to see or start a cluster",
    arguments: [(40, 10), (80, 24), (110, 30), (120, 40), (160, 50), (200, 60)])
  func waiting(columns: Int, rows: Int) {
    var story = Story(
      columns: columns, rows: rows,
      options: DashboardOptions(endpoints: ["unix:///run/aos/balancer.sock", "127.0.0.1:2712"]),
      snapshot: nil)
    story.send(.lost(reason: "no such socket", retryAt: story.now + 3_000))
    let words = story.picture.split { $0.isWhitespace }.joined(separator: " ")
    let tried = "Tried: unix:///run/aos/balancer.sock, 127.0.0.1:2712"
    // The last lines of it are the first to go.
    if rows > 10 { #expect(words.contains(tried), "\(story.picture)") }
    for text in [
      "No balancer answers: no such socket", "Next try in 3 s", "Tried: ",
      "aostop --demo shows a cluster; aosd balancer starts one.",
    ] {
      #expect(words.contains(text), "\(story.picture)")
    }
  }
}
