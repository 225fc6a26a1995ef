import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Whole screens")
struct PictureTests {
  @Test(
    "the cluster at every size",
    arguments: [(40, 10), (80, 24), (110, 30), (120, 40), (160, 50), (200, 60)])
  func main(columns: Int, rows: Int) throws {
    var story = Story(columns: columns, rows: rows)
    story.send(.history(Fixture.history))
    try Pictures.expect(story.picture, is: "main\(columns)")
  }

  @Test("the drain dialog with a warning")
  func drain() throws {
    var story = Story()
    story.press(.down, .down, .character("D"))
    story.answerDryRuns(.fine(warnings: [.overCapacity]))
    try Pictures.expect(story.picture, is: "drain")
  }

  @Test("the smallest dialog still says what it would do")
  func smallDrain() throws {
    var story = Story(columns: 40, rows: 10)
    story.press(.character("D"))
    story.answerDryRuns(.fine(warnings: [.lastServer]))
    try Pictures.expect(story.picture, is: "drain40")
  }

  @Test("the handshake list in focus")
  func list() throws {
    var story = Story()
    story.press(.character("2"))
    try Pictures.expect(story.picture, is: "list")
  }

  @Test("stale, with tags and problems only")
  func stale() throws {
    var story = Story()
    story.press(.character(" "), .character(" "), .character("p"))
    story.send(.lost(reason: "connection refused", retryAt: story.now + 5_000))
    story.wait(milliseconds: 2_000)
    try Pictures.expect(story.picture, is: "stale")
  }

  @Test("the details of an instance that is drained")
  func detail() throws {
    var story = Story()
    story.press(.down, .down, .down, .down, .enter)
    try Pictures.expect(story.picture, is: "detail")
  }

  @Test("no balancer answers")
  func waiting() throws {
    var story = Story(snapshot: nil)
    story.send(.lost(reason: "no such socket", retryAt: story.now + 3_000))
    try Pictures.expect(story.picture, is: "waiting")
  }

  @Test("plain text for pipes, in ASCII and by load")
  func once() throws {
    let order = try #require(SortOrder(named: "load"))
    let text = Dashboard.plainText(
      of: Fixture.snapshot, options: DashboardOptions(sort: order, isASCII: true))
    try Pictures.expect(text, is: "once")
    let isPlain = text.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) }
    #expect(isPlain)
  }

  @Test("too small a screen says so in one line, and every key still works")
  func tooSmall() {
    var story = Story(columns: 39, rows: 5)
    #expect(story.picture == "aostop needs 40x8, this is 39x5\n\n\n\n")
    for command in Command.all { for key in command.keys { story.press(key) } }
    story.send(.resized(Size(columns: 80, rows: 24)))
    story.press(.escape, .escape, .escape)
    #expect(story.picture.contains("Instances: 9"))
  }

  @Test(
    "below the smallest size only quit, suspend and redraw work, whatever is open",
    arguments: [
      [], [.character("?")], [.enter], [.character("D")], [.character("A")], [.character("M")],
      [.character("/"), .character("a")], [.character("b")], [.character("a")],
    ] as [[Key]])
  func unseen(keys: [Key]) {
    for size in [Size(columns: 39, rows: 24), Size(columns: 80, rows: 7)] {
      var story = Story()
      for key in keys { story.press(key) }
      story.answerDryRuns(.fine())
      story.send(.resized(size))
      let (before, asked) = (story.dashboard, story.effects)
      let others: [Key] = [
        .enter, .escape, .tab, .up, .left, .delete, .backspace, .insert, .control("u"), .home,
        .function(1), .paste("y"), .mouse(Mouse(.click, row: 1, column: 1)),
      ]
      let letters = (0x20...0x7E).map { Key.character(Character(Unicode.Scalar($0))) }
      for key in others + letters where key != .character("q") { story.press(key) }
      #expect(story.dashboard == before)
      #expect(story.effects == asked)
      for (key, effect) in [
        (Key.control("l"), Effect.redraw), (.control("z"), .suspend), (.character("q"), .quit),
        (.control("c"), .quit), (.function(10), .quit),
      ] {
        story.press(key)
        #expect(story.effects.last == effect)
      }
    }
  }

  @Test("any size can be drawn in any state")
  func sizes() {
    let places: [[Key]] = [
      [], [.character("2")], [.character("3")], [.character("?")], [.enter], [.character("D")],
      [.character("A")], [.character("/"), .character("a")], [.character("z")],
    ]
    for keys in places {
      for (columns, rows) in [(0, 0), (1, 1), (39, 8), (40, 8), (59, 16), (60, 9), (110, 16)] {
        var story = Story(columns: columns, rows: rows)
        for key in keys { story.press(key) }
        let grid = story.grid
        #expect(grid.size == Size(columns: columns, rows: rows))
        story.send(.lost(reason: String(repeating: "long ", count: 80), retryAt: 0))
        _ = story.picture
      }
    }
  }

  @Test("in ASCII nothing else reaches the screen, whatever is open")
  func ascii() {
    for keys: [Key] in [[], [.character("2")], [.character("?")], [.enter], [.character("D")]] {
      var story = Story(columns: 120, rows: 40, options: DashboardOptions(isASCII: true))
      story.send(.history(Fixture.history))
      for key in keys { story.press(key) }
      let isASCII = story.picture.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) }
      #expect(isASCII)
    }
  }

  @Test("without colours no cell has one, and the states still differ by their words")
  func colorless() {
    let story = Story(options: DashboardOptions(isColorless: true))
    let grid = story.grid
    for row in 0..<24 {
      for cell in grid.row(row) {
        #expect(cell.style.foreground == nil && cell.style.background == nil)
      }
    }
    #expect(story.picture == Story().picture)
  }

  @Test("colour marks exceptions, accepting is plain; the cursor's row is reversed instead")
  func colors() {
    let grid = Story().grid
    #expect(grid.styledLine(4).contains("reverse:     app   accepting"))
    #expect((5...12).allSatisfy { !grid.styledLine($0).contains("green:accepting") })
    #expect(grid.styledLine(8).contains("black on yellow:draining 12/44"))
    #expect(grid.styledLine(10).contains("bold red:unreachable"))
    #expect(grid.styledLine(9).contains("bold red:██▶ 112 %"))
    let options = DashboardOptions(
      thresholds: LoadThresholds(warnPercent: 20, criticalPercent: 90))
    #expect(Story(options: options).grid.styledLine(7).contains("█░░  |black on yellow:22 %"))
  }

  @Test("no text is yellow, which is lost on a light ground: a warning is black on yellow")
  func lightGround() {
    for keys: [Key] in [
      [], [.character("2")], [.character("3")], [.character("?")], [.enter], [.character("D")],
      [.character("a")], [.character(" "), .character(" ")],
    ] {
      var story = Story(
        columns: 200, rows: 60,
        options: DashboardOptions(thresholds: LoadThresholds(warnPercent: 10, criticalPercent: 99)))
      story.change {
        $0.license.state = .known(.expiring)
        $0.insert(Fixture.server("AOS01", 41, of: 60, admission: .rejecting, delivered: false))
      }
      for key in keys { story.press(key) }
      let cells = (0..<60).flatMap { story.grid.row($0) }
      #expect(cells.allSatisfy { $0.style.foreground != .yellow })
      #expect(cells.contains { $0.style.background == .yellow })
      // A ground of its own has text of its own, and bold black is grey on many terminals.
      #expect(
        cells.allSatisfy {
          $0.style.background == nil || $0.style.foreground == .black && !$0.style.isBold
        })
    }
  }

  @Test("a small screen cuts no text without a sign, and PgDn shows the rest", arguments: [8, 10])
  func smallDialog(rows: Int) {
    var story = Story(columns: 40, rows: rows)
    story.press(.character("D"))
    story.answerDryRuns(.fine(warnings: [.lastServer, .overCapacity]))
    var seen = ""
    for _ in 0..<20 {
      let text = story.picture.split(separator: "\n").filter { $0.hasPrefix("│") }
      seen += text.prefix { !$0.contains("Message") }.joined()
      guard story.picture.contains("▼│") else { break }
      story.shows("PgDn  More")
      story.press(.pageDown)
    }
    let words = seen.split { " │▲▼".contains($0) }.joined(separator: " ")
    for warning in [OpenEnum<ImpactWarning>.lastServer, .overCapacity] {
      let sign = warning == .lastServer ? "Last server: nobody" : "the remaining servers"
      #expect(words.contains(sign))
    }
    #expect(words.contains("Load of the list: 61 % → 74 %."))
    story.press(.pageUp, .pageUp, .pageUp, .pageUp, .pageUp, .pageUp)
    story.shows("│ Drain AOS01 (41/60 sessions)?")
  }

  @Test("what a small dialog has no room for of a complaint stands whole at the end of its text")
  func smallComplaint() {
    var story = Story(columns: 40, rows: 8)
    story.press(.character("X"))
    let words = "the instance is not drained: 41 sessions are open, and force is not asked for"
    story.answerDryRuns(.refused(words, warnings: []))
    var seen = ""
    for _ in 0..<30 {
      let text = story.picture.split(separator: "\n").filter { $0.hasPrefix("│") }
      seen += text.prefix { !$0.contains("[ ]") }.joined()
      story.press(.pageDown)
    }
    #expect(seen.split { " │▲▼".contains($0) }.joined(separator: " ").contains(words))
    story.shows("PgUp  More")
  }

  @Test("a complaint that is longer than the screen ends with a mark")
  func longComplaint() {
    var story = Story(columns: 40, rows: 8)
    story.send(.recording(.stopped(String(repeating: "no space left, ", count: 30))))
    let lines = story.picture.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[6].hasSuffix(" …"))
  }

  @Test("ten thousand instances: only the rows in sight are drawn")
  func many() {
    var snapshot = Fixture.snapshot
    let ids = (0..<10_000).map { "S\($0)" }
    snapshot = ClusterSnapshot(
      cluster: "BIG", sequence: 1, at: Fixture.now, balancer: snapshot.balancer,
      license: snapshot.license, handshakes: snapshot.handshakes,
      instances: ids.map { Fixture.server($0, 1, of: 60) }, handshakeList: ids.map(Fixture.id),
      actions: [])
    var story = Story(snapshot: snapshot)
    #expect(story.line(with: "1 Instances").hasSuffix("of 10,000 ─"))
    story.press(.end)
    #expect(story.picture.contains("▸ S9999"))
  }
}
