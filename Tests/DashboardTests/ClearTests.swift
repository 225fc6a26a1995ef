import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("What is on the screen reads one way only")
struct ClearTests {
  /// A cluster of this many servers, all of them in the list.
  private func many(_ count: Int) -> ClusterSnapshot {
    var snapshot = Fixture.snapshot
    for server in Fixture.servers { snapshot.remove(server.id) }
    for number in 1...count {
      snapshot.insert(Fixture.server(number < 10 ? "S0\(number)" : "S\(number)", 1, of: 60))
    }
    snapshot.handshakeList = snapshot.instances.map(\.id).filter { $0.text.hasPrefix("S") }
    return snapshot
  }

  @Test("the list as a table says that it goes on, up and down, and covers no figure")
  func listGoesOn() throws {
    var story = Story(columns: 120, rows: 24, snapshot: many(20))
    func edges() -> [String] {
      story.picture.split(separator: "\n").map(String.init).filter { line in
        line.count == 120 && (line.last == "▲" || line.last == "▼")
      }
    }
    story.press(.character("2"), .home)
    #expect(edges().isEmpty)
    #expect(story.picture.contains(" more\n"))
    story.press(.end)
    #expect(edges().map(\.last) == ["▲"])
    #expect(story.picture.contains("not in the list"))
    #expect(!story.picture.contains(" more\n"))
    story.press(.home, .pageDown, .down)
    #expect(edges().map(\.last) == ["▲"])
    #expect(story.picture.contains(" more\n"))
    #expect(!Story(columns: 120, rows: 40, snapshot: many(8)).picture.contains("▼ "))
  }

  @Test("a note that does not fit into its line is cut, not dropped")
  func note() {
    var story = Story(columns: 60, rows: 24)
    story.press(.character("/"))
    story.type("state:accepting -aos07 -aos10 -role:balancer")
    story.press(.enter)
    #expect(story.line(with: "1 Instances").contains("shown 3 of 9 ─ /state:acc"))
    #expect(story.line(with: "1 Instances").hasSuffix("… ─"))
  }

  @Test("the marks of a tag and of a changed state are both in sight")
  func marks() {
    var story = Story()
    story.press(.character(" "))
    story.change { $0.insert(Fixture.server("AOS01", 60, of: 60)) }
    #expect(story.line(with: "AOS01     app").hasPrefix(" *AOS01     app  !full "))
  }

  @Test("a title stays where it is when its column is sorted by", arguments: SortOrder.names)
  func titles(name: String) throws {
    let order = try #require(SortOrder(named: name))
    let title = Column.named(order.column).title
    var zoned = Fixture.snapshot
    var standing = Fixture.server("AOS01", 41, of: 60)
    standing.zone = "rack 7"
    standing.load.withoutNotices = 9
    zoned.insert(standing)
    func titles(by order: SortOrder) -> String {
      Story(columns: 250, options: DashboardOptions(sort: order), snapshot: zoned)
        .line(with: "ROLE")
    }
    let sorted = titles(by: order)
    let other = try #require(SortOrder(named: name == "id" ? "role" : "id"))
    let plain = titles(by: other)
    let place = try #require(sorted.ranges(of: title).first)
    let before = try #require(plain.ranges(of: title).first)
    #expect(
      sorted.distance(from: sorted.startIndex, to: place.lowerBound)
        == plain.distance(from: plain.startIndex, to: before.lowerBound))
  }

  @Test("in ASCII a change of the load says to, since an arrow would read as greater than")
  func arrow() {
    var story = Story(options: DashboardOptions(isASCII: true))
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    #expect(story.picture.contains("Load of the list: 61 % to 74 %."))
  }

  @Test("a mark beside a rank is not part of the name", arguments: [80, 120])
  func rank(columns: Int) {
    var story = Story(columns: columns, options: DashboardOptions(isASCII: true))
    story.change {
      $0.handshakeList = Fixture.ids("AOS04", "AOS01", "AOS02", "AOS06", "AOS03")
    }
    #expect(story.picture.contains(columns == 80 ? " v5 AOS03" : "v5 AOS03"))
  }

  /// What is on the screen as one line of words, without frames.
  private func words(_ story: Story) -> String {
    story.picture.replacing("│", with: " ").split { $0 == " " || $0 == "\n" }
      .joined(separator: " ")
  }

  @Test("several are spoken of as several")
  func plurals() {
    var story = Story()
    story.press(.character(" "), .character(" "), .character("X"))
    #expect(words(story).contains("They take no more sessions"))
    story.press(.escape, .character("M"))
    #expect(words(story).contains("Type a number, or \"none\" to go back"))
    story.press(.escape, .character("U"), .home, .character("X"))
    #expect(words(story).contains("It takes no more sessions"))
    story.press(.escape, .character("D"))
    story.answerDryRuns(.fine([]))
    #expect(story.picture.contains("No server is left in the list: new clients cannot log on."))
    story.press(.escape)
    story.change { $0.handshakeList = Fixture.ids("AOS01") }
    story.press(.character("D"))
    story.answerDryRuns(.fine([]))
    #expect(story.picture.contains("No server is left in the list: new clients cannot log on."))
  }

  @Test("a drain that began with no session does not count them")
  func nobody() {
    let drain = Drain(startedAt: Fixture.ago(60), startedWith: 0)
    let progress = DrainProgress(drain, left: 0, at: Fixture.now, earlier: nil)
    #expect(progress.sentence == "no session was open")
  }

  @Test("beside a dialog there is no remnant of the panes", arguments: [60, 72, 80, 95])
  func remnants(columns: Int) throws {
    var story = Story(columns: columns)
    story.press(.character("D"))
    let line = story.line(with: "[▸Cancel◂]")
    #expect(line.first == "│" && line.last == "│" && line.count == columns)
    story.send(.resized(Size(columns: 96, rows: 24)))
    #expect(story.line(with: "Drain AOS01 (").hasPrefix("  AOS03     │"))
  }

  @Test(
    "on the smallest screen a question about several names as many as its line holds",
    arguments: zip(["D", "X", "M"], ["Drain", "Remove", "Change the maximum of"]))
  func bulk(key: String, word: String) {
    var story = Story(columns: 40, rows: 10)
    for _ in 0..<3 { story.press(.character(" ")) }
    story.type(key)
    story.answerDryRuns(.fine(warnings: [.lastServer]))
    #expect(story.picture.contains("\(word) 3 instances"))
    #expect(story.picture.contains("\(word) AOS01, … (138"))
    #expect(story.picture.contains("Cancel"))
    var both = Story(columns: 44, rows: 8)
    both.press(.character(" "), .character(" "))
    both.type(key)
    both.answerDryRuns(.fine(warnings: [.lastServer]))
    #expect(both.picture.contains("\(word) AOS01, "))
  }

  @Test(
    "on the smallest screens what must be typed is in sight, whatever is complained of",
    arguments: [10, 8])
  func input(rows: Int) {
    for key in [Key.character("X"), .character("D")] {
      var story = Story(columns: 40, rows: rows)
      story.press(key)
      if key == .character("X") {
        story.answerDryRuns(
          .refused("AOS01 is not drained, and has 41 sessions that would be lost", warnings: []))
      } else {
        story.answerDryRuns(.fine(warnings: [.lastServer, .overCapacity]))
      }
      #expect(story.picture.contains("Type \"AOS01\" ["))
      story.press(.backTab)
      #expect(story.line(with: "▸").contains("▸Type \"AOS01\" ["))
      story.press(.tab, .character("y"))
      #expect(story.picture.contains("Type \"AOS01\" ["))
      #expect(story.picture.contains("Cancel"))
    }
  }
}
