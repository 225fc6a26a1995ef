import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import TestSupport
import Testing

@Suite("Faults", .timeLimit(.minutes(2)))
struct FaultTests {
  @Test("an instance that dies is out of the list, and back by itself after a restart")
  func instanceDies() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let address = try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      await cluster.killInstance("AOS01")
      let after = try await cluster.until("it is gone") { $0[one]?.health == .unreachable }
      #expect(after.handshakeList.map(\.text) == ["AOS02"])
      #expect(after[one]?.healthReason != nil)
      try await cluster.start("AOS01", port: address.port)
      #expect(try await cluster.operators.status().handshakeList.count == 2)
    }
  }

  @Test("an instance that stops in order is stopped, not unreachable")
  func instanceStops() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let session = try await cluster.open(at: "AOS01")
      await cluster.stopInstance("AOS01")
      let one = try InstanceID("AOS01")
      try await cluster.until("it has said goodbye") { $0[one]?.health == .stopped }
      guard case .end = await session.events.last else {
        Issue.record("the session was not told")
        return
      }
    }
  }

  @Test("an instance that comes back after its goodbye and lets no balancer read says why")
  func refusesAfterGoodbye() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let address = try await cluster.start("AOS01")
      await cluster.stopInstance("AOS01")
      try await cluster.until("it has said goodbye") { $0[one]?.health == .stopped }
      let empty = cluster.folder.path + "/elsewhere"
      try await cluster.start("AOS01", port: address.port, joins: false) {
        $0.stateDirectory = empty
      }
      let after = try await cluster.until("its reason is shown") {
        $0[one]?.health == .unreachable
      }
      #expect(after[one]?.healthReason?.contains("knows no cluster's key") == true)
    }
  }

  @Test("a balancer that dies in a drain finds it again; the sessions never notice")
  func balancerDies() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let session = try await cluster.open(at: "AOS01")
      try await cluster.until("it is counted") { $0[one]?.load.connected == 1 }
      try await cluster.change(.drain([one], reason: "patch"))
      let port = cluster.balancerAddress.port
      await cluster.killBalancer()
      #expect(await problem { try await cluster.open(at: "AOS01") } == .rejectingClients)
      try await cluster.startBalancer(port: port)
      let after = try await cluster.until("it is seen again") {
        $0[one]?.state == .draining(left: 1)
      }
      #expect(after.handshakeList.map(\.text) == ["AOS02"])
      #expect(after[one]?.admissionReason == "patch")
      #expect(after.actions.contains { $0.action == .drain })
      session.close()
      #expect(await session.events == [])
    }
  }

  @Test("a drain holds over a restart of its instance, with no balancer about")
  func drainOutlivesRestart() async throws {
    try await LiveCluster.run { cluster in
      let address = try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      try await cluster.change(.drain([InstanceID("AOS01")]))
      await cluster.killBalancer()
      await cluster.killInstance("AOS01")
      try await cluster.start("AOS01", port: address.port, joins: false)
      #expect(await problem { try await cluster.open(at: "AOS01") } == .rejectingClients)
    }
  }

  @Test("enable of an unreachable instance is kept, and not called delivered")
  func enableUnreachable() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let address = try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      try await cluster.change(.drain([one]))
      await cluster.killInstance("AOS01")
      try await cluster.until("it is gone") { $0[one]?.health == .unreachable }
      let answer = try await cluster.change(.enable([one]))
      #expect(!answer.delivered)
      #expect(answer.instances.first?.admission == .accepting)
      try await cluster.start("AOS01", port: address.port)
      try await cluster.open(at: "AOS01")
    }
  }

  @Test("an action that its instance obeys late is delivered in the log, at every balancer")
  func deliveredLate() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let second = try await cluster.startSecondBalancer()
      let address = try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      await cluster.killInstance("AOS01")
      try await cluster.until("it is gone") { $0[one]?.health == .unreachable }
      let commands: [OperatorCommand] = [.drain([one]), .enable([one]), .drain([one])]
      for change in commands {
        let answer = try await cluster.change(change)
        #expect(!answer.delivered)
      }
      let waiting = try await cluster.until("all of them wait", at: second) { snapshot in
        snapshot.actions.count { $0.instance == one && $0.delivered == false } == 3
      }
      #expect(waiting.actions.allSatisfy { $0.instance == one || $0.delivered != false })
      try await cluster.start("AOS01", port: address.port)
      for balancer in [cluster.operators, second] {
        try await cluster.until("the log says that it obeys", at: balancer) { snapshot in
          snapshot.actions.count { $0.instance == one && $0.delivered == true } == 3
        }
      }
      let log = try await cluster.operators.actions(limit: 100)
      #expect(log.allSatisfy { $0.delivered != false })
    }
  }

  @Test("an instance that was removed while it was away obeys that, and the log says so")
  func removedWhileAway() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let address = try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      await cluster.killInstance("AOS01")
      try await cluster.until("it is gone") { $0[one]?.health == .unreachable }
      let answer = try await cluster.change(.remove([one], force: true))
      #expect(!answer.delivered)
      try await cluster.start("AOS01", port: address.port, waits: false)
      try await cluster.until("its removal is delivered") { snapshot in
        snapshot.actions.first { $0.action == .remove }?.delivered == true
      }
      #expect(await problem { try await cluster.open(at: "AOS01") } == .removed)
    }
  }

  @Test("a reader of the feed resumes where it was, and gets a snapshot from another process")
  func resume() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let first = try await cluster.firstEvent(after: nil)
      #expect(first.name == "snapshot")
      try await cluster.change(.limit([try InstanceID("AOS01")], to: 7))
      let next = try await cluster.firstEvent(after: first.id)
      #expect(next.name == "change")
      let port = cluster.balancerAddress.port
      await cluster.killBalancer()
      try await cluster.startBalancer(port: port)
      #expect(try await cluster.firstEvent(after: first.id).name == "snapshot")
    }
  }
}

extension LiveCluster {
  /// The first event that a reader gets, actions apart: those are told again.
  func firstEvent(after id: String?) async throws -> ServerSentEvent {
    let events = try await operators.events(
      "/v1/feed", lastEventID: id, silenceMilliseconds: 60_000)
    for try await case .event(let event) in events where event.name != "action" { return event }
    throw NeverHappened(what: "an event")
  }
}
