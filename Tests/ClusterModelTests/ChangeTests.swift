import Foundation
import Testing

@testable import ClusterModel

@Suite struct ChangeTests {
  private static let ids = (0..<12).map { InstanceID.named("AOS\($0)") }

  @Test(
    "the old snapshot with the change applied is the new one",
    arguments: 0..<40 as Range<UInt64>)
  func property(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var old = ClusterSnapshot.empty()
    for _ in 0..<500 {
      let new = old.followed(by: Self.ids, using: &random)
      let change = ClusterChange(from: old, to: new)
      old.apply(change)
      guard old == new else {
        Issue.record("seed \(seed), sequence \(new.sequence)")
        return
      }
    }
  }

  @Test("a change survives the wire, and the wire's copy has the same effect")
  func wire() throws {
    var random = SplitMix64(seed: 7)
    var old = ClusterSnapshot.empty()
    for _ in 0..<200 {
      let new = old.followed(by: Self.ids, using: &random)
      let change = ClusterChange(from: old, to: new)
      let data = try JSONEncoder().encode(change)
      #expect(try JSONDecoder().decode(ClusterChange.self, from: data) == change)
      let whole = try JSONEncoder().encode(new)
      #expect(try JSONDecoder().decode(ClusterSnapshot.self, from: whole) == new)
      old = new
    }
  }

  @Test("a change of load alone travels as a load, anything more as the whole instance")
  func loads() {
    var old = ClusterSnapshot.empty()
    for id in ["A", "B", "C"] { old.insert(.example(id)) }
    var new = old
    new.setLoad(Load(connected: 9, reserved: 1, maximum: 60), of: .named("A"))
    var drained = InstanceStatus.example("B")
    drained.admission = .known(.rejecting)
    drained.load.connected = 1
    new.insert(drained)
    new.remove(.named("C"))
    let change = ClusterChange(from: old, to: new)
    let load = Load(connected: 9, reserved: 1, maximum: 60)
    #expect(change.loads == [LoadChange(id: .named("A"), load: load)])
    #expect(change.instances == [drained])
    #expect(change.removed == [.named("C")])
    #expect(change.balancer == nil && change.license == nil && change.handshakes == nil)
  }

  @Test("equal snapshots make an empty change")
  func empty() {
    var snapshot = ClusterSnapshot.empty()
    snapshot.insert(.example("A"))
    snapshot.handshakeList = [.named("A")]
    #expect(ClusterChange(from: snapshot, to: snapshot).isEmpty)
    #expect(!ClusterChange(from: .empty(), to: snapshot).isEmpty)
  }

  @Test("moves are ascending, name final places, and are the fewest that do it")
  func moves() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<5_000 {
      let pool = Self.ids.prefix(9).shuffled(using: &random)
      let old = Array(pool.prefix(random.below(8)))
      let new = Array(pool.shuffled(using: &random).prefix(random.below(8)))
      let moves = ListMove.moves(from: old, to: new)
      var result = old
      result.apply(moves)
      #expect(result == new)
      let places = moves.compactMap(\.position)
      #expect(places == Set(places).sorted())
      for move in moves { #expect(move.position.map { new[$0] == move.id } ?? true) }
      let leaving = old.filter { !new.contains($0) }.count
      #expect(moves.count == new.count - Self.mostKept(from: old, to: new) + leaving)
    }
  }

  /// The length of the longest run of `new` that is in the same order in `old`: every choice
  /// of its ids is tried.
  private static func mostKept(from old: [InstanceID], to new: [InstanceID]) -> Int {
    let places = new.map { old.firstIndex(of: $0) }
    return (0..<(1 << places.count)).map { choice in
      let chosen = places.indices.filter { choice & (1 << $0) != 0 }.map { places[$0] }
      guard !chosen.contains(nil) else { return 0 }
      let rises = zip(chosen, chosen.dropFirst()).allSatisfy { $0! < $1! }
      return rises ? chosen.count : 0
    }.max() ?? 0
  }

  @Test("a server that rises to the top is one move, however long the list")
  func oneMove() {
    let ids = (0..<10_000).map { InstanceID.named("AOS\($0)") }
    let new = [ids[9_999]] + ids.dropLast()
    #expect(ListMove.moves(from: ids, to: new) == [ListMove(id: ids[9_999], position: 0)])
    #expect(
      ListMove.moves(from: ids, to: Array(ids.dropLast()))
        == [ListMove(id: ids[9_999], position: nil)])
  }

  @Test("places that no balancer sends do no harm", arguments: [-5, 99, Int.max, Int.min])
  func wildPlaces(position: Int) {
    var list = [InstanceID.named("A"), .named("B")]
    list.apply([
      ListMove(id: .named("A"), position: position), ListMove(id: .named("C"), position: nil),
    ])
    #expect(Set(list) == [.named("A"), .named("B")])
  }

  @Test("a snapshot keeps its instances in order, each once")
  func ordered() {
    var snapshot = ClusterSnapshot.empty()
    for id in ["B", "A", "C", "A"] { snapshot.insert(.example(id)) }
    #expect(snapshot.instances.map(\.id.text) == ["A", "B", "C"])
    snapshot.remove(.named("X"))
    snapshot.setLoad(Load(maximum: 1), of: .named("X"))
    #expect(snapshot[.named("X")] == nil)
    #expect(snapshot[.named("C")]?.load.maximum == 60)
  }

  @Test("the last 50 actions stay, newest first, each once")
  func actions() {
    var snapshot = ClusterSnapshot.empty()
    for id in [3, 1, 2] + Array(4...60) {
      snapshot.append(
        ActionRecord(
          id: Int64(id), at: Timestamp(milliseconds: 0), actor: "a", action: .drain,
          instance: nil, reason: nil, result: "", delivered: false))
    }
    #expect(snapshot.actions.map(\.id) == (11...60).reversed())
    var settled = snapshot.actions[7]
    settled.delivered = true
    snapshot.append(settled)
    #expect(snapshot.actions.count == 50)
    #expect(snapshot.actions[7].delivered == true)
    // One that is older than all of them is not worth a place.
    settled.id = 5
    snapshot.append(settled)
    #expect(snapshot.actions.map(\.id) == (11...60).reversed())
  }
}
