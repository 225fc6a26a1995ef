import CellGrid
import ClusterModel
import Foundation
import Testing

@testable import Dashboard

/// Ten thousand instances against ten, which fill the same rows of the same screen.
///
/// What is compared is work within one process: the processor time of this thread alone, taken
/// by turns, and the middle of many turns, so that neither a slow nor a busy machine decides. A
/// thousand times the instances are allowed four times the work where it must not depend on them,
/// and a thousand times where each is looked at once. It takes a machine that has nothing else to
/// do: `make bench` measures, `make test` only counts.
@Suite("As quick with ten thousand instances as with ten", .serialized)
struct QuicknessTests {
  private static let measures = ProcessInfo.processInfo.environment["AOSTOP_MEASURE"] != nil

  /// Two clusters, each with its dashboard.
  private struct Pair {
    var few: Story
    var many: Story

    init(sort: String = "id", columns: Int = 80) throws {
      few = try QuicknessTests.story(10, sort, columns)
      many = try QuicknessTests.story(10_000, sort, columns)
      // The cursor far from both ends.
      few.press(.down, .down, .down, .down)
      for _ in 0..<100 { many.press(.pageDown) }
    }

    /// How much more of it the many cost than the few.
    mutating func ratio(_ what: String, _ act: (inout Story) -> Void) -> Double {
      var (costs, dearer): ([Double], [Double]) = ([], [])
      for _ in 0..<21 {
        costs.append(QuicknessTests.microseconds { act(&few) })
        dearer.append(QuicknessTests.microseconds { act(&many) })
      }
      let (one, other) = (costs.sorted()[10], dearer.sorted()[10])
      print("\(what): \(Int(one)) µs with ten, \(Int(other)) µs with ten thousand")
      return other / one
    }
  }

  private static func story(_ count: Int, _ sort: String, _ columns: Int) throws -> Story {
    let ids = (0..<count).map { "S\($0)" }
    let snapshot = ClusterSnapshot(
      cluster: "BIG", sequence: 1, at: Fixture.now, balancer: Fixture.snapshot.balancer,
      license: Fixture.snapshot.license, handshakes: HandshakeCount(),
      instances: ids.enumerated().map { Fixture.server($1, $0 % 50, of: 60) },
      handshakeList: ids.map(Fixture.id), actions: [])
    let order = try #require(SortOrder(named: sort))
    return Story(
      columns: columns, rows: 23, options: DashboardOptions(sort: order), snapshot: snapshot)
  }

  private static func microseconds(_ work: () -> Void) -> Double {
    var (before, after) = (timespec(), timespec())
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before)
    work()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after)
    return Double(after.tv_sec - before.tv_sec) * 1e6
      + Double(after.tv_nsec - before.tv_nsec) / 1e3
  }

  /// Presses the keys, with a picture after each of them.
  private static func press(_ keys: [Key], _ story: inout Story) {
    var grid = Grid(size: story.dashboard.size)
    for key in keys {
      story.press(key)
      story.dashboard.draw(into: &grid)
    }
  }

  @Test(
    "scrolling costs no more than with ten", .enabled(if: measures), arguments: ["id", "load"])
  func scrolling(sort: String) throws {
    var pair = try Pair(sort: sort)
    let ratio = pair.ratio("scrolling by \(sort)") {
      Self.press([.down, .down, .up, .down, .pageDown, .pageUp, .up, .up], &$0)
    }
    #expect(ratio < 4)
  }

  @Test("panes, help and details cost no more than with ten", .enabled(if: measures))
  func looking() throws {
    var pair = try Pair()
    let ratio = pair.ratio("panes, help and details") {
      Self.press([.tab, .tab, .tab, .tab, .enter, .escape, .character("?"), .escape], &$0)
    }
    #expect(ratio < 4)
  }

  @Test(
    "while all ranks change with every second, a picture and a key cost no more than with ten",
    .enabled(if: measures), arguments: [80, 120])
  func ranks(columns: Int) throws {
    var pair = try Pair(columns: columns)
    var grid = Grid(size: pair.few.dashboard.size)
    for _ in 0..<6 {
      Self.turnList(of: &pair.few)
      Self.turnList(of: &pair.many)
    }
    #expect(pair.many.dashboard.picture.rankMarks.nextEnd != nil)
    #expect(pair.ratio("a picture after it") { $0.dashboard.draw(into: &grid) } < 4)
    #expect(pair.ratio("a key after it") { Self.press([.down, .up], &$0) } < 4)
  }

  @Test(
    "a change of all ranks costs one pass: no more than in proportion", .enabled(if: measures))
  func turning() throws {
    var pair = try Pair()
    let ratio = pair.ratio("a change of all ranks") { Self.turnList(of: &$0) }
    #expect(ratio < 1_000)
  }

  /// A second goes by, and then every second server goes to the end of the list.
  private static func turnList(of story: inout Story) {
    guard let snapshot = story.dashboard.feed.snapshot else { return }
    let list = snapshot.handshakeList
    let movers = list.indices.filter { $0.isMultiple(of: 2) }.map { list[$0] }
    var change = ClusterChange(sequence: snapshot.sequence + 1, at: snapshot.at)
    change.moves = movers.enumerated().map {
      ListMove(id: $1, position: list.count - movers.count + $0)
    }
    story.now += 1_000
    story.send(.change(change))
  }

  @Test("five letters of a filter: the first looks at every instance, the others at what is left")
  func typing() throws {
    var story = try Self.story(10_000, "load", 80)
    func looked(_ letter: Character) -> Int {
      var filter = story.dashboard.view.filter
      filter.text.append(letter)
      defer { story.type(String(letter)) }
      return story.dashboard.rows.candidates(for: filter).count
    }
    story.type("/")
    #expect("S7123".map(looked) == [10_000, 10_000, 1_111, 111, 11])
    #expect(story.order == ["S7123"])
    // What is deleted or turned round may bring back what was hidden.
    story.press(.backspace, .backspace)
    #expect(story.order.count == 111)
    story.press(.control("u"))
    story.type("!S7")
    #expect(story.order.count == 8_889)
  }

  @Test(
    "typing a filter costs no more than in proportion, and deleting it is as typing it",
    .enabled(if: measures))
  func typed() throws {
    var pair = try Pair(sort: "load")
    let keys: [Key] = "/S123 ".map { .character($0) } + [.escape]
    #expect(pair.ratio("a filter of five letters") { Self.press(keys, &$0) } < 1_000)
  }
}
