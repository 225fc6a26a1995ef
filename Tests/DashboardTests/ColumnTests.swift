import ClusterModel
import Testing

@testable import CellGrid
@testable import Dashboard

@Suite("The table of columns")
struct ColumnTests {
  @Test("every name has one column")
  func complete() {
    #expect(Column.all.map(\.name) == ColumnName.allCases)
  }

  @Test("every column that --sort takes can be sorted by", arguments: SortOrder.names)
  func sortable(name: String) throws {
    let order = try #require(SortOrder(named: name))
    var story = Story(options: DashboardOptions(sort: order))
    #expect(Set(story.order).count == 9)
    story.press(.character("i"))
    #expect(Set(story.order).count == 9)
  }

  @Test("a name that no column has is not an order", arguments: ["", "ID", "remark", "nothing"])
  func unknown(name: String) {
    #expect(SortOrder(named: name) == nil)
  }

  @Test(
    "no field is wider than its column",
    arguments: [0, 1, 7, 8, 9, 40])
  func widths(columns: Int) {
    let measures = Measures(Fixture.snapshot.instances)
    for instance in Fixture.snapshot.instances {
      let row = RowContext(
        instance: instance, measures: measures, now: Fixture.now, trend: [0.5, nil, 2])
      for column in [Column.named(.load), .named(.trend)] where columns >= 8 {
        #expect(column.text(row, columns).columns == columns)
      }
    }
  }

  @Test(
    "an instance that was not told yet says pending, not done",
    arguments: [
      (Admission.rejecting, "drain pending (12)"), (Admission.accepting, "enable pending"),
    ])
  func pending(admission: Admission, text: String) {
    let instance = Fixture.server("AOS05", 12, of: 60, admission: admission, delivered: false)
    #expect(instance.stateText == text)
  }

  @Test("a zone has its column, filter and detail where an instance says one, and none elsewhere")
  func zones() throws {
    var story = Story(columns: 200, rows: 60)
    #expect(!story.picture.contains("ZONE"))
    story.change { snapshot in
      guard var one = snapshot.instances.first else { return }
      one.zone = "rack 7"
      snapshot.insert(one)
    }
    #expect(story.picture.contains("ZONE") && story.picture.contains("rack 7"))
    story.press(.character("/"))
    story.type("zone:\"rack 7\"")
    #expect(story.order == ["AOS01"])
    story.press(.enter)
    story.press(.enter)
    #expect(story.picture.contains("Zone"))
  }

  @Test(
    "sessions that no notice reaches have their column where there are some, and none elsewhere")
  func withoutNotices() {
    var story = Story(columns: 200, rows: 60)
    story.hides("NO NOTICE")
    story.change {
      $0.setLoad(Load(connected: 41, withoutNotices: 9, maximum: 60), of: Fixture.id("AOS01"))
    }
    story.shows("NO NOTICE")
    #expect(story.line(with: "AOS01 ").contains(" 9 "))
    story.press(.enter)
    story.shows("Sessions        41 open, 9 get no notice, 60 allowed")
  }

  @Test("text of the feed is cleaned before it is shown")
  func hostile() {
    var snapshot = Fixture.snapshot
    snapshot.cluster = "P\u{1B}[2JD"
    snapshot.insert(
      Fixture.server(
        "AOS09", 1, of: 2, admission: .rejecting, by: "a\u{1B}]0;x\u{7}", why: "\u{202E}evil\n",
        health: .unreachable, healthReason: "\u{9B}31m"))
    snapshot.actions = [
      Fixture.action(40, 1, "\u{1B}[31m", .drain, "AOS09", "\r\n", "\u{8}\u{8}done", false)
    ]
    for keys: [Key] in [[], [.end, .enter], [.character("3")]] {
      var story = Story(columns: 200, rows: 60, snapshot: snapshot)
      for key in keys { story.press(key) }
      for scalar in story.picture.unicodeScalars where scalar != "\n" {
        #expect(!PlainText.isForbidden(scalar))
      }
    }
    let text = Dashboard.plainText(of: snapshot, options: DashboardOptions())
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !PlainText.isForbidden($0) })
  }
}
