import Testing

@testable import ClusterModel

@Suite("A rolling restart") struct RollingRestartTests {
  private static let start = Timestamp(milliseconds: 1_800_000_000_000)

  /// A server whose process started this many seconds before the beginning.
  private func server(
    _ name: String, _ connected: Int = 2, process: Int64 = -60, health: Health = .alive,
    drain: DrainTerms? = nil, at: Int64 = -60
  ) throws -> InstanceStatus {
    let set = Self.start.adding(milliseconds: at * 1_000)
    var record = AdmissionRecord(
      drain == nil ? Admission.accepting : .rejecting, at: set, by: "ana")
    record.drain = drain.map { Drain(startedAt: set, startedWith: connected, terms: $0) }
    let row = RegisteredInstance(
      id: try InstanceID(name), reach: try InstanceReach(Address("127.0.0.1:1")),
      profile: InstanceProfile(role: .server(.both), ownMaximum: 10), record: record,
      registration: 1, seat: 1, revision: 1)
    var status = InstanceStatus(
      row, delivered: true, health: health, healthSince: set,
      load: Load(connected: connected, maximum: 10))
    status.startedAt = Self.start.adding(milliseconds: process * 1_000)
    return status
  }

  private func cluster(_ servers: InstanceStatus...) -> ClusterSnapshot {
    var snapshot = ClusterSnapshot.empty()
    snapshot.at = Self.start
    for server in servers { snapshot.insert(server) }
    return snapshot
  }

  private let untilRestart = DrainTerms(untilRestart: true)
  private func id(_ name: String) throws -> InstanceID { try InstanceID(name) }

  @Test("drains one, waits for its sessions, its restart and its return, and goes on to the next")
  func wholeWay() throws {
    let (one, two) = (try id("AOS01"), try id("AOS02"))
    var snapshot = cluster(try server("AOS01"), try server("AOS02"), try server("AOS03"))
    var roll = RollingRestart([one, two, one], in: snapshot)
    #expect(roll.step == .drain(one))
    #expect(roll.since == Self.start)
    roll.ordered(one, at: Self.start.adding(milliseconds: 1_000))
    #expect(roll.current == one)
    roll.note(snapshot)
    #expect(roll.step == .wait(one, .order), "the picture is older than the order")
    snapshot.insert(try server("AOS01", 2, drain: untilRestart, at: 1))
    roll.note(snapshot)
    #expect(roll.step == .wait(one, .sessions(2)))
    snapshot.insert(try server("AOS01", 0, drain: untilRestart, at: 1))
    roll.note(snapshot)
    #expect(roll.step == .wait(one, .restart))
    snapshot.insert(try server("AOS01", 0, health: .unreachable, drain: untilRestart, at: 1))
    roll.note(snapshot)
    #expect(roll.step == .wait(one, .absence(.unreachable, reason: nil)))
    // Its new process is there, and the registry does not know yet that this ends the drain.
    snapshot.insert(try server("AOS01", 0, process: 30, drain: untilRestart, at: 1))
    roll.note(snapshot)
    #expect(roll.step == .wait(one, .list(.rejectingClients)))
    snapshot.insert(try server("AOS01", 0, process: 30, at: 31))
    roll.note(snapshot)
    #expect(roll.restarted == [one])
    #expect(roll.rest == [two])
    #expect(roll.step == .drain(two))
    roll.ordered(two, at: Self.start.adding(milliseconds: 40_000))
    snapshot.insert(try server("AOS02", 0, process: 50, at: 51))
    roll.note(snapshot)
    #expect(roll.step == .done)
    #expect(roll.rest == [])
  }

  @Test("knows a restart by another process, whatever the clock of the instance says")
  func otherClock() throws {
    let one = try id("AOS01")
    var snapshot = cluster(try server("AOS01"), try server("AOS02"))
    var roll = RollingRestart([one], in: snapshot)
    roll.ordered(one, at: Self.start)
    snapshot.insert(try server("AOS01", 0, process: -50, at: 31))
    roll.note(snapshot)
    #expect(roll.step == .done)
  }

  @Test("never goes on while one does not come back")
  func absent() throws {
    let (one, two) = (try id("AOS01"), try id("AOS02"))
    var snapshot = cluster(try server("AOS01"), try server("AOS02"), try server("AOS03"))
    var roll = RollingRestart([one, two], in: snapshot)
    roll.ordered(one, at: Self.start)
    snapshot.insert(try server("AOS01", 0, health: .unreachable, drain: untilRestart, at: 1))
    for _ in 0..<100 { roll.note(snapshot) }
    #expect(roll.step == .wait(one, .absence(.unreachable, reason: nil)))
    #expect(roll.rest == [one, two])
  }

  @Test("pauses while another one is lost, and goes on when it is back")
  func lost() throws {
    let one = try id("AOS01")
    var snapshot = cluster(
      try server("AOS01"), try server("AOS02"), try server("AOS03"),
      try server("AOS04", health: .unreachable))
    // One that was away before is not a reason.
    #expect(RollingRestart([one], in: snapshot).step == .drain(one))
    var roll = RollingRestart([one], in: snapshot)
    snapshot.insert(try server("AOS03", health: .unreachable))
    roll.note(snapshot)
    #expect(roll.step == .pause(one, .lost([try id("AOS03")])))
    #expect(roll.step.words == "paused before AOS01: AOS03 lost")
    snapshot.insert(try server("AOS03"))
    roll.note(snapshot)
    #expect(roll.step == .drain(one))
  }

  @Test("pauses while the others would be too full with its sessions, or nobody would be left")
  func tooFull() throws {
    let one = try id("AOS01")
    var snapshot = cluster(try server("AOS01", 5), try server("AOS02", 5))
    #expect(
      RollingRestart([one], in: snapshot).step == .pause(one, .load(percent: 100, most: 90)))
    #expect(RollingRestart([one], in: snapshot, pauseOver: 100).step == .drain(one))
    snapshot.insert(try server("AOS02", 4))
    #expect(RollingRestart([one], in: snapshot).step == .drain(one))
    snapshot.remove(try id("AOS02"))
    #expect(RollingRestart([one], in: snapshot).step == .pause(one, .nobodyLeft))
  }

  @Test("passes those over that have restarted since a time, and adopts a drain of before")
  func resumed() throws {
    let (one, two) = (try id("AOS01"), try id("AOS02"))
    let snapshot = cluster(
      try server("AOS01", process: -20), try server("AOS02", 1, drain: untilRestart, at: -5),
      try server("AOS03"))
    let since = Self.start.adding(milliseconds: -30_000)
    let roll = RollingRestart([one, two], in: snapshot, since: since)
    #expect(roll.restarted == [one])
    #expect(roll.step == .wait(two, .sessions(1)))
    #expect(roll.current == two)
    #expect(RollingRestart([one], in: snapshot).step == .drain(one), "without a time")
  }

  @Test("ends where somebody enables or removes the one under way")
  func interrupted() throws {
    let one = try id("AOS01")
    var snapshot = cluster(try server("AOS01"), try server("AOS02"))
    var roll = RollingRestart([one], in: snapshot)
    roll.ordered(one, at: Self.start)
    snapshot.insert(try server("AOS01", at: 5))
    roll.note(snapshot)
    #expect(roll.step == .stop(one, .enabled(by: "ana")))
    snapshot.remove(one)
    roll.note(snapshot)
    #expect(roll.step == .stop(one, .removed))
  }
}
