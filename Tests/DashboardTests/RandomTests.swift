import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

/// A small generator with a seed, so that a failure can be repeated.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

@Suite("Whatever happens")
struct RandomTests {
  private static let keys: [Key] =
    Command.all.filter { $0.places != .everywhere }.flatMap(\.keys)
    + "yn/!A1 0.:".map { Key.character($0) } + [.backspace, .left, .right, .escape, .enter, .tab]

  @Test("random keys and events keep every promise", arguments: UInt64(0)..<12)
  func random(seed: UInt64) {
    var random = Seeded(state: seed)
    var story = Story()
    var drawn = DrawnParts()
    for _ in 0..<80 {
      step(&story, &random)
      check(story, seed: seed)
      var grid = Grid(size: story.dashboard.size)
      story.dashboard.draw(into: &grid, keeping: &drawn)
      #expect(grid == story.grid, "with parts of the last picture it is another one, seed \(seed)")
      story.effects = []
    }
  }

  private func step(_ story: inout Story, _ random: inout Seeded) {
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      let size = Size(
        columns: Int.random(in: 1...210, using: &random),
        rows: Int.random(in: 1...60, using: &random))
      story.send(.resized(size))
    case 1:
      story.change { snapshot in
        let number = Int.random(in: 1...12, using: &random)
        let name = number < 10 ? "AOS0\(number)" : "AOS\(number)"
        if Bool.random(using: &random), snapshot.instances.count > 1 {
          snapshot.remove(Fixture.id(name))
          snapshot.handshakeList.removeAll { $0.text == name }
        } else {
          let load = Int.random(in: 0...300, using: &random)
          snapshot.insert(Fixture.server(name, load, of: load % 7 == 0 ? 0 : 60))
        }
      }
    case 2: story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    case 3: story.send(.live(endpoint: "x"))
    case 4: story.send(.snapshot(Fixture.snapshot))
    case 5: story.wait(milliseconds: Int64.random(in: 0...20_000, using: &random))
    case 6: story.send(.history(Fixture.history))
    default:
      let keys = (0..<Int.random(in: 1...3, using: &random)).compactMap { _ in
        Self.keys.randomElement(using: &random)
      }
      story.send(.keys(keys))
    }
    if Bool.random(using: &random) { story.answerDryRuns(.fine()) }
  }

  private func check(_ story: Story, seed: UInt64) {
    let grid = story.grid
    #expect(grid.size == story.dashboard.size, "seed \(seed)")
    if let deadline = story.dashboard.nextDeadline {
      #expect(deadline > story.dashboard.now, "seed \(seed)")
    }
    let present = story.dashboard.feed.snapshot
    for case .perform(_, let order) in story.effects {
      #expect(story.dashboard.feed.isLive, "seed \(seed)")
      if case .add = order.command { continue }
      #expect(order.command.ids.allSatisfy { present?[$0] != nil }, "seed \(seed)")
    }
    if case .dialog(let dialog) = story.dashboard.overlay {
      #expect(story.dashboard.obstacleToChange == nil, "seed \(seed)")
      #expect(dialog.targets.allSatisfy { present?[$0] != nil }, "seed \(seed)")
    }
    let shown = Set(story.dashboard.rows.ids)
    let known = Set(story.dashboard.shown?.instances.map(\.id) ?? [])
    #expect(shown.isSubset(of: known), "seed \(seed)")
  }
}
