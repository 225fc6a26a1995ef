import ClusterClient
import Testing

@testable import AOSControl

@Suite("The sessions behind a forwarded port")
struct ForwardPlanTests {
  private static let lost = WalkEnd.lost(.unreachable("the connection was closed"))

  /// A plan whose first session is open.
  private static func open(rejoins: Bool) -> ForwardPlan {
    var plan = ForwardPlan(rejoins: rejoins)
    #expect(plan.begin() == [.walk(1, afterMilliseconds: 0)])
    #expect(plan.opened(1) == [])
    #expect(plan.current == 1)
    return plan
  }

  @Test(
    "without --rejoin the end of the session is the end", arguments: [lost, .ended("patching")])
  func once(end: WalkEnd) {
    var plan = Self.open(rejoins: false)
    #expect(plan.noticed(1, namesEnd: true) == [])
    #expect(plan.over(1, end, random: 0) == [.end(end)])
  }

  @Test("a first way that leads to no session is the end, with --rejoin as well")
  func never() {
    for rejoins in [false, true] {
      var plan = ForwardPlan(rejoins: rejoins)
      _ = plan.begin()
      let end = WalkEnd.exhausted(answered: false)
      #expect(plan.over(1, end, random: 0) == [.end(end)])
    }
  }

  @Test("with --rejoin another session follows, after pauses that grow up to five seconds")
  func again() {
    var plan = Self.open(rejoins: true)
    var steps = plan.over(1, Self.lost, random: 1)
    #expect(plan.current == nil)
    var pauses: [Int64] = []
    for number in 2...9 {
      guard case .walk(number, let pause) = steps.first, steps.count == 1 else {
        Issue.record("\(steps)")
        return
      }
      pauses.append(pause)
      steps = plan.over(number, .exhausted(answered: true), random: 1)
    }
    #expect(pauses == pauses.sorted())
    #expect(pauses.first == 500 && pauses.last == 5_000)
  }

  @Test("a notice that names an end is not waited out, and the earlier session is left behind")
  func moves() {
    var plan = Self.open(rejoins: true)
    #expect(plan.noticed(1, namesEnd: false) == [])
    #expect(plan.noticed(1, namesEnd: true) == [.walk(2, afterMilliseconds: 0)])
    #expect(plan.noticed(1, namesEnd: true) == [])
    #expect(plan.current == 1)
    #expect(plan.opened(2) == [.leave(1)])
    #expect(plan.current == 2)
    // What happens to the earlier one has no consequence any more.
    #expect(plan.noticed(1, namesEnd: true) == [])
    #expect(plan.over(1, .ended("deadline"), random: 0) == [])
    #expect(plan.current == 2)
  }

  @Test("where no other server takes it, it tries again as long as the notice stands")
  func stays() {
    var plan = Self.open(rejoins: true)
    let none = WalkEnd.exhausted(answered: true)
    _ = plan.noticed(1, namesEnd: true)
    #expect(plan.over(2, none, random: 0) == [.walk(3, afterMilliseconds: 250)])
    #expect(plan.noticed(1, namesEnd: false) == [])  // taken back
    #expect(plan.over(3, none, random: 0) == [])
    #expect(plan.current == 1)
    #expect(plan.noticed(1, namesEnd: true) == [.walk(4, afterMilliseconds: 0)])
    // The session ends on the way to the next one.
    #expect(plan.over(1, .ended("deadline"), random: 0) == [])
    #expect(plan.opened(4) == [])
    #expect(plan.current == 4)
  }
}
