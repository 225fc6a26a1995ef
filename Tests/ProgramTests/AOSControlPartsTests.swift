import ClusterAPI
import ClusterClient
import ClusterModel
import ScriptedServer
import Testing

@testable import AOSControl
@testable import ProgramSupport

@Suite("Parts of aosctl")
struct AOSControlPartsTests {
  @Test(
    "durations have units, the largest first",
    arguments: [("90s", 90), ("2m", 120), ("1h", 3_600), ("1h30m", 5_400), ("1d2h3m4s", 93_784)])
  func durations(text: String, seconds: Int) {
    #expect(DurationArgument(argument: text)?.seconds == seconds)
  }

  @Test(
    "anything else is not a duration",
    arguments: [
      "", "90", "s", "0s", "-1s", "1m1h", "1s1s", "1.5h", "1h 30m", "400d", "1w",
      "99999999999999999999s", "१s",
    ])
  func noDurations(text: String) {
    #expect(DurationArgument(argument: text) == nil)
  }

  @Test("the user's name is LOGNAME, then USER")
  func user() {
    #expect(Surroundings.user(in: ["USER": "eve", "LOGNAME": "alice"]) == "alice")
    #expect(Surroundings.user(in: ["USER": "eve"]) == "eve")
    #expect(Surroundings.user(in: [:]) == nil)
  }

  @Test("an instance that has not joined yet belongs to no other cluster")
  func notJoined() throws {
    let text = "Configuration: A\r\n    aos2,Text,a@h:1;b@h:2\r\n"
    let content = ClientConfigurationFile(Array(text.utf8))
    func liveness(_ id: String, _ cluster: String) throws -> EntryCheck.Answer {
      .success(
        Liveness(id: try InstanceID(id), role: "server", cluster: cluster, version: "1"))
    }
    let report = ConfigurationReport(
      file: "f", content: content,
      answers: [
        try Address("h:1"): try liveness("a", "PROD"), try Address("h:2"): try liveness("b", ""),
      ])
    #expect(report.configurations.map(\.warnings) == [[]])
    #expect(report.text.contains { $0.hasSuffix("server b of no cluster yet") })
  }

  @Test("progress is told at once at first, then once a second for each instance")
  func throttled() throws {
    var progress = DrainReport([try Sample.instance("AOS01", admission: .rejecting)])
    func left(_ count: Int) throws -> WatchEvent {
      .snapshot(
        try Sample.snapshot([
          Sample.instance("AOS01", admission: .rejecting, connected: count)
        ]))
    }
    #expect(progress.tell(try left(9), elapsedMilliseconds: 0) == ["AOS01 9 of 9 sessions left"])
    #expect(progress.tell(try left(8), elapsedMilliseconds: 999) == [])
    #expect(
      progress.tell(try left(7), elapsedMilliseconds: 1_000) == ["AOS01 7 of 7 sessions left"])
    #expect(progress.tell(try left(0), elapsedMilliseconds: 1_001) == ["AOS01 drained"])
    #expect(progress.isOver)
  }

  @Test("--wait waits for an instance that is away or has not confirmed, and not for one that left")
  func absent() throws {
    var progress = DrainReport([try Sample.instance("AOS01", admission: .rejecting)])
    func told(_ status: InstanceStatus?) throws -> [String] {
      let snapshot = try Sample.snapshot(status.map { [$0] } ?? [])
      return progress.tell(.snapshot(snapshot), elapsedMilliseconds: 0)
    }
    #expect(
      try told(Sample.instance("AOS01", admission: .rejecting, health: .unreachable))
        == ["AOS01 unreachable, waiting"])
    #expect(
      try told(Sample.instance("AOS01", admission: .rejecting, delivered: false))
        == ["AOS01 has not confirmed the drain yet, waiting"])
    // The feed may still show how it was before the drain.
    #expect(try told(Sample.instance("AOS01", admission: .accepting)) == [])
    #expect(!progress.isOver)
    #expect(try told(nil) == ["AOS01 removed"])
    #expect(progress.isOver)
    #expect(progress.failure == nil)
  }

  @Test("an event that is told again with its number is printed once")
  func repeatedEvent() throws {
    var log = ChangeLog()
    var event = ClusterEvent(
      at: Sample.time, balancer: try InstanceID("LB1"), kind: .known(.lost),
      instance: try InstanceID("AOS01"), sessions: 45, reason: "connection refused")
    _ = log.tell(.snapshot(try Sample.snapshot([])))
    #expect(
      log.tell(.event(event))
        == ["\(Sample.time) AOS01 lost with 45 sessions: connection refused"])
    event.id = 7
    #expect(log.tell(.event(event)) == [])
  }

  @Test("actions and events are merged by time, and the newest of both together are shown")
  func mergedLog() throws {
    let at = { Sample.time.adding(milliseconds: $0) }
    let actions = try [30, 10].map { (second: Int64) in
      ActionRecord(
        id: second, at: at(second), actor: "root", actorKind: .unix, action: .known(.drain),
        instance: try InstanceID("AOS02"), reason: "KB5", result: "draining", delivered: nil)
    }
    let events = try [20, 40].map { (second: Int64) in
      ClusterEvent(
        id: second, at: at(second), balancer: try InstanceID("LB1"), kind: .known(.back),
        instance: try InstanceID("AOS01"))
    }
    let log = ClusterLog(actions: actions, events: events, limit: 3)
    #expect(
      log.lines == [
        "AT                        BY              WHAT   INSTANCE  RESULT    REASON",
        "\(at(40))  LB1 (balancer)  back   AOS01     back",
        "\(at(30))  root            drain  AOS02     draining  KB5",
        "\(at(20))  LB1 (balancer)  back   AOS01     back",
      ])
    #expect(log.actions.count == 1 && log.events.count == 2)
  }

  @Test("an action that the feed repeats is printed once")
  func repeatedAction() throws {
    var log = ChangeLog()
    let action = ActionRecord(
      id: 1, at: Sample.time, actor: "alice", action: .drain, instance: try InstanceID("AOS01"),
      reason: "patch", result: "draining", delivered: nil)
    _ = log.tell(.snapshot(try Sample.snapshot([])))
    #expect(
      log.tell(.action(action)) == ["\(Sample.time) alice: drain AOS01 (patch): draining"])
    #expect(log.tell(.action(action)) == [])
  }
}
