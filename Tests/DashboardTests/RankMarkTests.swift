import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Marks of servers that moved in the list")
struct RankMarkTests {
  private static func ids(_ text: String) -> [InstanceID] {
    text.split(separator: " ").map { Fixture.id(String($0)) }
  }

  /// Each of the list with its mark, after the lists were heard of one after the other.
  private static func marks(_ lists: String..., milliseconds: Int64) -> String {
    var (marks, now) = (RankMarks(), Int64(0))
    for (old, new) in zip(lists.map(ids), lists.map(ids).dropFirst()) {
      now += milliseconds
      marks.note(ListMove.moves(from: old, to: new), from: old, to: new, at: now)
      marks.expire(at: now)
    }
    let list = ids(lists.last ?? "")
    return list.enumerated().map { place, id in
      id.text + marks.text(of: id, at: place)
    }.joined(separator: " ")
  }

  @Test("a server that moved is marked for some seconds, those it passed are not")
  func marks() {
    var story = Story(columns: 120, rows: 40)
    story.change { snapshot in
      snapshot.handshakeList = Fixture.ids("AOS01", "AOS03", "AOS04", "AOS02", "AOS06")
    }
    #expect(story.picture.contains("  1▲ AOS01"))
    #expect(story.picture.contains("  2  AOS03"))
    #expect(story.dashboard.nextDeadline == story.now + RankMarks.spanMilliseconds)
    story.wait(milliseconds: RankMarks.spanMilliseconds)
    #expect(story.picture.contains("  1  AOS01"))
    #expect(story.dashboard.picture.rankMarks.nextEnd == nil)
  }

  @Test("a mark tells where a server stands, not how it came there: there and back is not a mark")
  func net() {
    #expect(Self.marks("A B C D", "B C D A", "A B C D", milliseconds: 100) == "A  B  C  D ")
    #expect(Self.marks("A B C D", "D A B C", "A B D C", milliseconds: 100) == "A  B  D  C ")
    #expect(Self.marks("A B C D", "D A B C", "A D B C", milliseconds: 100) == "A  D▲ B  C ")
  }

  @Test("under load both directions are marked: up, down, and not what is where it stood")
  func load() {
    // Each in turn gets a client and goes to the end.
    let marks = Self.marks(
      "A B C D E F", "B C D E F A", "C D E F A B", "D E F A B C", milliseconds: 500)
    #expect(marks == "D▲ E▲ F▲ A▼ B▼ C▼")
    let whole = Self.marks("A B C", "B C A", "C A B", "A B C", milliseconds: 500)
    #expect(whole == "A  B  C ")
  }

  @Test("what is compared with is the list of four seconds ago, to a second")
  func span() {
    let lists = ("A B C D", "B C D A", "A B C D")
    #expect(Self.marks(lists.0, lists.1, lists.2, milliseconds: 3_000) == "A  B  C  D ")
    #expect(Self.marks(lists.0, lists.1, lists.2, milliseconds: 4_000) == "A▲ B  C  D ")
  }

  @Test("who comes into the list is marked, and neither that nor who leaves moves the others")
  func comings() {
    #expect(
      Self.marks("A B C D E", "X Y Z A B C D E", milliseconds: 10)
        == "X▲ Y▲ Z▲ A  B  C  D  E ")
    #expect(Self.marks("A B C D E", "D E", milliseconds: 10) == "D  E ")
    #expect(Self.marks("A B C D E", "X E B D", milliseconds: 10) == "X▲ E▲ B  D ")
  }

  @Test("a change costs no look at the list: between two seconds it is kept as it is")
  func cheap() {
    var marks = RankMarks()
    let list = Self.ids("A B C")
    for time in Int64(0)..<10_000 {
      marks.note([ListMove(id: list[0], position: 2)], from: list, to: list, at: time)
      marks.expire(at: time)
    }
    #expect(marks.kept.count == 4)
  }

  @Test("the past carries no marks of now, but those of the step that led there")
  func past() {
    var story = Story(columns: 120, rows: 40)
    story.wait(milliseconds: 2_000)
    let upside = Fixture.ids("AOS01", "AOS03", "AOS04", "AOS02", "AOS06")
    story.change { $0.handshakeList = upside }
    #expect(story.picture.contains("  1▲ AOS01"))
    story.press(.character("["))
    #expect(story.picture.contains("  3▼ AOS01"))
    // A leap marks nothing.
    story.press(.character("b"))
    story.type("-1m")
    story.press(.enter)
    #expect(story.picture.contains("  3  AOS01"))
    story.press(.character("0"))
    #expect(story.picture.contains("  1▲ AOS01"))
    // In a few lines, and as a table.
    for (pane, marked) in [("1", "▲1 AOS01"), ("2", "1▲ AOS01")] as [(Character, String)] {
      var small = Story()
      small.press(.character(pane))
      small.wait(milliseconds: 2_000)
      small.change { $0.handshakeList = upside }
      #expect(small.picture.contains(marked))
      small.press(.character("["))
      #expect(!small.picture.contains(marked))
    }
  }

  @Test("a replay marks by the time of the recording, and nothing after a leap")
  func replay() {
    var story = Story(
      columns: 120, rows: 40, options: DashboardOptions(replay: "night.feed"), snapshot: nil)
    var snapshot = Fixture.snapshot
    func show(_ milliseconds: Int64) {
      let at = Fixture.now.adding(milliseconds: milliseconds)
      story.send(.past(PastPicture(snapshot: snapshot, at: at, isRunning: true)))
    }
    show(0)
    snapshot.handshakeList = Fixture.ids("AOS01", "AOS03", "AOS04", "AOS02", "AOS06")
    snapshot.insert(Fixture.server("AOS03", 37, of: 200, health: .unreachable))
    show(1_000)
    #expect(story.picture.contains("  1▲ AOS01"))
    #expect(story.line(with: "AOS03     app").contains("!unreachable"))
    // However long it is looked at.
    story.wait(milliseconds: 60_000)
    #expect(story.picture.contains("  1▲ AOS01"))
    show(4_900)
    #expect(story.picture.contains("  1▲ AOS01"))
    show(5_000)
    #expect(story.picture.contains("  1  AOS01"))
    #expect(!story.line(with: "AOS03     app").contains("!unreachable"))
    snapshot.handshakeList = Fixture.snapshot.handshakeList
    show(25_000)
    #expect(story.picture.contains("  3  AOS01"))
    snapshot.handshakeList = Fixture.ids("AOS01", "AOS03", "AOS04", "AOS02", "AOS06")
    show(24_000)
    #expect(story.picture.contains("  1  AOS01"))
  }

  @Test("a step in a replay marks what is otherwise than before it, however long it was quiet")
  func replaySteps() {
    var story = Story(
      columns: 120, rows: 40, options: DashboardOptions(replay: "night.feed"), snapshot: nil)
    let before = Fixture.snapshot
    var after = before
    after.handshakeList = Fixture.ids("AOS01", "AOS03", "AOS04", "AOS02", "AOS06")
    after.insert(Fixture.server("AOS03", 37, of: 200, health: .unreachable))
    func step(_ snapshot: ClusterSnapshot, _ minutes: Int64) {
      let at = Fixture.now.adding(milliseconds: minutes * 60_000)
      story.send(.past(PastPicture(snapshot: snapshot, at: at, isStep: true)))
    }
    step(before, 0)
    #expect(story.picture.contains("  3  AOS01"))
    step(after, 10)
    #expect(story.picture.contains("  1▲ AOS01"))
    #expect(story.line(with: "AOS03     app").contains("!unreachable"))
    // A step of which nothing comes marks nothing.
    step(after, 11)
    #expect(story.picture.contains("  1  AOS01"))
    #expect(!story.line(with: "AOS03     app").contains("!unreachable"))
    // And back.
    step(before, 0)
    #expect(story.picture.contains("  3▼ AOS01"))
    #expect(story.line(with: "AOS03     a+b").contains("!accepting"))
  }

  @Test("in ASCII the marks are ^ and v")
  func ascii() {
    var story = Story(columns: 120, rows: 40, options: DashboardOptions(isASCII: true))
    story.change { snapshot in
      snapshot.handshakeList = Fixture.ids("AOS04", "AOS01", "AOS02", "AOS06", "AOS03")
    }
    #expect(story.picture.contains("  5v AOS03"))
  }
}
