import Foundation
import Testing

@testable import ClusterModel

@Suite("An event of a cluster") struct EventTests {
  private static let start = Timestamp(milliseconds: 1_800_000_000_000)

  private func event(
    _ kind: ClusterEvent.Kind = .lost, _ name: String = "AOS01", at seconds: Int64,
    id: Int64? = nil, by balancer: String = "LB1", sessions: Int? = nil
  ) throws -> ClusterEvent {
    ClusterEvent(
      id: id, at: Self.start.adding(milliseconds: seconds * 1_000),
      balancer: try InstanceID(balancer), kind: .known(kind), instance: try InstanceID(name),
      startedAt: Self.start, sessions: sessions)
  }

  @Test("of a kind that a later release tells is kept and shown by its name")
  func laterKind() throws {
    let text = """
      {"at":"2026-03-01T08:10:00.000Z","balancer":"LB1","kind":"overheated","instance":"AOS09",
       "sessions":3,"later":true}
      """
    let event = try JSONDecoder().decode(ClusterEvent.self, from: Data(text.utf8))
    #expect(event.kind.unrecognized == "overheated")
    #expect(event.sentence == "AOS09 overheated, 3 sessions")
    #expect(event.times == 1 && event.firstAt == event.at && event.id == nil)
  }

  @Test("says with how many sessions, and why")
  func words() throws {
    var lost = try event(at: 0, sessions: 45)
    lost.reason = "connection refused"
    #expect(lost.sentence == "AOS01 lost with 45 sessions: connection refused")
    lost.times = 3
    #expect(lost.words == "lost with 45 sessions: connection refused (3 times)")
    #expect(
      try event(.drained, at: 0, sessions: 9).words == "drained; its deadline ended 9 sessions")
    #expect(try event(.drained, at: 0).words == "drained")
    #expect(try event(.stopped, at: 0, sessions: 0).words == "stopped")
    for kind in ClusterEvent.Kind.allCases { #expect(try !event(kind, at: 0).words.isEmpty) }
  }

  @Test("that happens again takes the place of the one before and counts on")
  func again() throws {
    let first = try event(at: 0, id: 1)
    let again = try #require(try event(at: 90).counted(on: first))
    #expect(again.times == 2 && again.firstAt == first.at)
    let third = try #require(try event(at: 200).counted(on: again))
    #expect(third.times == 3 && third.firstAt == first.at)
  }

  @Test("that another balancer saw at nearly the same time is the same")
  func seenByTwo() throws {
    let first = try event(at: 0, id: 1)
    #expect(try event(at: 3, by: "LB2").counted(on: first) == nil)
    #expect(try event(at: -3, by: "LB2").counted(on: first) == nil)
    #expect(try event(at: 0).counted(on: first) == nil, "the same request sent again")
    #expect(try event(at: 31, by: "LB2").counted(on: first)?.times == 2)
  }

  @Test("is in a snapshot once, newest first, and the oldest go")
  func snapshot() throws {
    var snapshot = ClusterSnapshot.empty()
    for number in 0..<60 { snapshot.append(try event(.lost, "AOS\(number)", at: Int64(number))) }
    #expect(snapshot.events.count == ClusterSnapshot.eventsKept)
    #expect(snapshot.events.map(\.at) == snapshot.events.map(\.at).sorted(by: >))
    #expect(snapshot.events.first?.instance?.text == "AOS59")
    // Written down, by another balancer a moment before.
    snapshot.append(try event(.lost, "AOS59", at: 58, id: 7, by: "LB2"))
    #expect(snapshot.events.count { $0.instance?.text == "AOS59" } == 1)
    #expect(snapshot.events.contains { $0.id == 7 })
    // An older one that is read again changes nothing.
    snapshot.append(try event(.lost, "AOS59", at: 3, id: 2))
    #expect(snapshot.events.contains { $0.id == 7 })
  }
}
