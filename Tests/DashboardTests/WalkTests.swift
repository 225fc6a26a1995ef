import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("More room never shows less")
struct WalkTests {
  /// What a screen of this size shows, by names: columns, panes and counters.
  private static func shown(_ dashboard: Dashboard, _ size: Size) -> Set<String> {
    var names: Set<String> = []
    let layout = dashboard.layout(for: size)
    let panes = [
      ("instances", layout.instances), ("list", layout.list), ("actions", layout.actions),
      ("sessions", layout.sessions), ("cluster", layout.cluster),
    ]
    for (name, part) in panes where part.map({ $0.rows > 1 }) ?? false { names.insert(name) }
    if let part = layout.instances {
      for column in dashboard.shownColumns(columns: part.columns - 2) {
        names.insert("column \(column.rawValue)")
      }
    }
    for row in 0...1 {
      let line = dashboard.headerLine(row, width: size.columns)
      for field in line.fitting(size.columns - 2) {
        names.insert("counter of weight \(field.weight) in line \(row)")
      }
    }
    return names
  }

  /// The cluster of the fixture with as many servers more.
  private static func snapshot(more count: Int) -> ClusterSnapshot {
    var snapshot = Fixture.snapshot
    for number in 0..<count {
      let server = Fixture.server("SRV\(number + 100)", number % 60, of: 60)
      snapshot.insert(server)
      snapshot.handshakeList.append(server.id)
    }
    return snapshot
  }

  @Test(
    "no column, pane or counter of a smaller screen is missing on a larger one",
    arguments: [0, 12, 60], Pane.allCases)
  func walk(more: Int, pane: Pane) {
    var story = Story(snapshot: Self.snapshot(more: more))
    story.dashboard.focus(pane)
    let dashboard = story.dashboard
    var above: [Set<String>] = []
    for rows in 8...70 {
      var before: Set<String> = []
      var row: [Set<String>] = []
      for columns in 40...250 {
        let now = Self.shown(dashboard, Size(columns: columns, rows: rows))
        let missing = before.union(above.isEmpty ? [] : above[columns - 40]).subtracting(now)
        guard missing.isEmpty else {
          Issue.record("\(columns)x\(rows) lacks \(missing.sorted())")
          return
        }
        before = now
        row.append(now)
      }
      above = row
    }
  }

  @Test(
    "from 80 columns on id, role, state, sessions, load and license are in the table, in any order",
    arguments: ColumnName.allCases)
  func needed(column: ColumnName) {
    var snapshot = Fixture.snapshot
    snapshot.insert(Fixture.server(String(repeating: "LONG", count: 6), 99_999, of: 99_999))
    snapshot.insert(
      Fixture.server("AOS11", 99_999, of: 99_999, admission: .rejecting, delivered: false))
    for cluster in [Fixture.snapshot, snapshot] {
      let order = SortOrder(column: column)
      let story = Story(options: DashboardOptions(sort: order), snapshot: cluster)
      for columns in [80, 81, 100, 109, 110, 250] {
        let shown = story.dashboard.shownColumns(columns: columns - 2)
        #expect(ColumnName.allCases.filter(\.isNeeded).allSatisfy(shown.contains))
      }
    }
  }

  @Test(
    "what the layout has is on the screen: panes, titles, and the servers in no list",
    arguments: [(80, 24), (109, 24), (110, 24), (110, 30), (120, 40), (160, 50), (200, 60)])
  func drawn(columns: Int, rows: Int) {
    var story = Story(columns: columns, rows: rows)
    story.send(.history(Fixture.history))
    for title in ["ROLE", "STATE", "SESSIONS", "LOAD", "LICENSE", "5 MIN", "DRAIN"] {
      story.shows(title)
    }
    for text in ["Instances: 9", "Handshake list: 5", "3 Events", "clients", "batch", "5 Cluster"] {
      story.shows(text)
    }
    for text in ["AOS05 ", "draining", "AOS07 ", "AOS10 ", "no license", "LB1 "] {
      #expect(story.picture.split(separator: "\n").dropFirst(13).contains { $0.contains(text) })
    }
  }

  @Test(
    "where all rows fit, the table has the whole width from 110 columns on, and the list is below",
    arguments: [110, 120, 160, 250])
  func whole(columns: Int) throws {
    let layout = Story().dashboard.layout(for: Size(columns: columns, rows: 40))
    let (table, list) = (try #require(layout.instances), try #require(layout.list))
    #expect((table.column, table.columns) == (0, columns))
    // Its own title, those of its columns, and nine instances.
    #expect(table.rows >= 11)
    #expect(layout.listIsWhole && list.row >= table.endRow)
  }

  @Test("a list that does not fit ends with the number of the hidden rows")
  func more() {
    var story = Story(snapshot: Self.snapshot(more: 60))
    let flow = story.dashboard.listFlow(columns: 80, lines: 4).map(\.text)
    #expect(flow.count == 4)
    let counts = flow.compactMap { line -> Int? in
      guard line.hasSuffix(" more"), let plus = line.lastIndex(of: "+") else { return nil }
      return Int(line[plus...].dropFirst().dropLast(" more".count))
    }
    let named = flow.prefix(3).joined(separator: " ").split(separator: " ")
      .count { $0.hasPrefix("SRV") || $0.hasPrefix("AOS0") }
    #expect(counts.first == 65 - named)
    #expect(flow.allSatisfy { $0.columns <= 80 })
    story.press(.character("2"))
    story.shows("more")
    story.press(.end)
    #expect(!story.picture.contains(" more"))
    story.shows("▸     LB1")
  }

  /// Text of a part of the screen, a line each.
  private static func lines(_ grid: Grid, _ part: Rectangle) -> [String] {
    (part.row..<part.endRow).map { row in
      grid.row(row).dropFirst(part.column).prefix(part.columns).map(\.text).joined()
    }
  }

  /// How many of the names stand in the lines, and how many more these say that there are.
  private static func counted(_ names: [String], in lines: [String]) -> (named: Int, more: Int) {
    var more = 0
    var named: Set<Substring> = []
    for line in lines {
      let words = line.split(separator: " ")
      named.formUnion(words)
      for (word, next) in zip(words, words.dropFirst()) where next == "more" {
        more += word.first == "+" ? Int(word.dropFirst()) ?? 0 : 0
      }
    }
    return (names.count { named.contains($0[...]) }, more)
  }

  @Test(
    "what has no place is counted: rows of the table, servers of the list, lines of the events",
    arguments: [0, 12, 60], [Pane.instances, .list, .actions])
  func signs(more: Int, pane: Pane) {
    var story = Story(snapshot: Self.snapshot(more: more))
    story.dashboard.focus(pane)
    let names = story.dashboard.rows.ids.map(\.text)
    let edges = [59, 60, 79, 80, 109, 110, 119, 120]
    let widths = Set(edges + Array(stride(from: 40, through: 250, by: 30))).sorted()
    for rows in [9, 15, 16, 17] + Array(stride(from: 8, through: 70, by: 6)) {
      for columns in widths {
        story.send(.resized(Size(columns: columns, rows: rows)))
        let (grid, layout) = (story.grid, story.dashboard.layout)
        var faults: [String] = []
        if let part = layout.instances, part.rows - 2 < names.count {
          let title = Self.lines(grid, part)[0]
          if !title.contains("rows 1-") && !title.contains("…") { faults.append("table") }
        }
        if let part = layout.list {
          let (named, hidden) = Self.counted(names, in: Self.lines(grid, part))
          // Those above are scrolled away, with a mark at the edge.
          let isTable = story.dashboard.layout.listFlow == nil
          let above = isTable ? story.dashboard.view.offsets[.list] : 0
          if named + hidden + (above ?? 0) != names.count {
            faults.append("list: \(named) and \(hidden) more")
          }
        }
        if let part = layout.actions,
          story.dashboard.actionLineCount(in: part) > layout.rows(of: .actions),
          Self.lines(grid, part).last?.last(where: { $0 != " " }) != "▼"
        {
          faults.append("events")
        }
        guard faults.isEmpty else {
          Issue.record("\(columns)x\(rows) \(faults)\n\(grid)")
          return
        }
      }
    }
  }

  @Test("sessions of an instance that is away are marked, and count in no total")
  func unknown() {
    var snapshot = Fixture.snapshot
    snapshot.insert(
      Fixture.server("AOS07", 45, of: 60, health: .unreachable, healthReason: "refused", seat: 7))
    let story = Story(snapshot: snapshot)
    let row = story.line(with: "AOS07     app")
    #expect(row.contains(" 45?/60 "))
    #expect(row.contains("░     ? "))
    story.shows("sessions 232 (+45 lost)")
    let styled = story.grid.styledLine(10)
    #expect(styled.contains("dim:45?/60"))
  }

  @Test("the row of a balancer has its own handshakes, the header those of all")
  func handshakes() {
    var snapshot = Fixture.snapshot
    snapshot.handshakes.balancers = [Fixture.id("LB1"): 1.5, Fixture.id("LB2"): 2.4]
    let story = Story(columns: 120, rows: 40, snapshot: snapshot)
    #expect(story.line(with: "balancing").contains(" 1.5/s "))
    story.shows("3.9 handshakes/s")
  }

  @Test("LICENSE says the seat, none and why, or a dash; license: finds what it says")
  func license() {
    var snapshot = Fixture.snapshot
    snapshot.license.seats = 2
    var wide = Story(columns: 200, rows: 30, snapshot: snapshot)
    #expect(wide.line(with: "AOS10     batch").contains(" none: 2 seats, 8 servers "))
    wide.shows("license: 2 seats, 1 SHORT")
    let usual = Story(snapshot: snapshot)
    #expect(usual.line(with: "AOS10     batch").hasSuffix(" none: 2 seats, 8 servers"))
    let small = Story(columns: 60, rows: 40, snapshot: snapshot)
    #expect(small.line(with: "AOS10     batch").hasSuffix(" none"))
    #expect(small.line(with: "AOS01     app").hasSuffix(" seat 1"))
    #expect(small.line(with: "LB1       ").hasSuffix(" –"))
    for (filter, found) in [
      ("license:\"2 seats\"", ["AOS10"]), ("license:none", ["AOS10"]),
      ("license:\"seat 3\"", ["AOS03"]), ("license:–", ["LB1"]),
    ] {
      wide.press(.character("/"), .control("u"))
      wide.type(filter)
      #expect(wide.order == found)
      wide.press(.enter)
    }
  }

  @Test("an estimate reads ~, a deadline that ends people reads ends, and the restart is named")
  func drains() {
    func remark(_ drain: Drain, left: Int, columns: Int = 30) -> String {
      DrainProgress(drain, left: left, at: Fixture.now, earlier: nil).remark(columns: columns)
    }
    let began = Fixture.ago(600)
    var drain = Drain(startedAt: began, startedWith: 20)
    #expect(remark(drain, left: 10, columns: 6) == "~10:52")
    drain.deadline = Fixture.now.adding(milliseconds: 300_000)
    #expect(remark(drain, left: 10, columns: 10) == "ends 10:47")
    drain.deadline = Fixture.now.adding(milliseconds: 3_600_000)
    #expect(remark(drain, left: 10, columns: 10) == "~10:52")
    drain.untilRestart = true
    #expect(remark(drain, left: 10, columns: 14) == "~10:52 restart")
    #expect(remark(drain, left: 0) == "to restart")
  }

  @Test("active alerts stay in the header, and new ones are counted beside them")
  func active() {
    var story = Story()
    story.shows("4 ACTIVE 4 NEW")
    story.press(.character("a"), .escape)
    story.shows("4 ACTIVE")
    story.hides("NEW")
    story.change { $0.insert(Fixture.server("AOS01", 41, of: 60, health: .unreachable)) }
    story.shows("5 ACTIVE 1 NEW")
  }
}
