import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

/// Work is compared within one process: ten thousand instances against a hundred, which fill the
/// same screen. The best of several runs counts, so that a busy machine does not decide.
@Suite("As quick with ten thousand instances as with a screenful", .serialized)
struct QuicknessTests {
  private static func story(_ count: Int, sort: String = "id") throws -> Story {
    let ids = (0..<count).map { "S\($0)" }
    let snapshot = ClusterSnapshot(
      cluster: "BIG", sequence: 1, at: Fixture.now, balancer: Fixture.snapshot.balancer,
      license: Fixture.snapshot.license, handshakes: HandshakeCount(),
      instances: ids.enumerated().map { Fixture.server($1, $0 % 50, of: 60) },
      handshakeList: ids.map(Fixture.id), actions: [])
    let order = try #require(SortOrder(named: sort))
    return Story(
      columns: 80, rows: 50, options: DashboardOptions(sort: order), snapshot: snapshot)
  }

  /// The least time that the keys and the picture after each of them took.
  private static func least(_ story: inout Story, _ keys: [Key]) -> Duration {
    var least = Duration.seconds(3_600)
    let clock = ContinuousClock()
    for _ in 0..<7 {
      var grid = Grid(size: story.dashboard.size)
      let taken = clock.measure {
        for key in keys {
          story.press(key)
          story.dashboard.draw(into: &grid)
        }
      }
      least = min(least, taken)
    }
    return least
  }

  private static func ratio(_ keys: [Key], sort: String = "id") throws -> Double {
    var (few, many) = (try story(100, sort: sort), try story(10_000, sort: sort))
    // The cursor far from both ends.
    few.press(.pageDown)
    for _ in 0..<100 { many.press(.pageDown) }
    return least(&many, keys) / least(&few, keys)
  }

  @Test("scrolling", arguments: ["id", "load"])
  func scrolling(sort: String) throws {
    let ratio = try Self.ratio(
      [.down, .down, .up, .down, .pageDown, .pageUp, .up, .up], sort: sort)
    #expect(ratio < 4)
  }

  @Test("panes, help and details")
  func looking() throws {
    let ratio = try Self.ratio([.tab, .tab, .tab, .tab, .enter, .escape, .character("?"), .escape])
    #expect(ratio < 4)
  }

  @Test("typing a filter costs less than in proportion: each instance is looked at, none is sorted")
  func typing() throws {
    let keys: [Key] = [.character("/")] + "S12 l".map { .character($0) } + [.escape]
    let ratio = try Self.ratio(keys, sort: "load")
    #expect(ratio < 100)
  }
}
