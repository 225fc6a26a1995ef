import Testing

@testable import ClusterModel

@Suite struct ContentsTests {
  private func row(_ id: String) -> RegisteredInstance {
    RegisteredInstance(
      id: .named(id), reach: InstanceReach(.example),
      profile: InstanceProfile(role: .server(.application), ownMaximum: 60),
      record: AdmissionRecord(.accepting, at: Timestamp(milliseconds: 0), by: id), registration: 1,
      seat: 1, revision: 4)
  }

  @Test("what an instance must do is read from its row")
  func desiredState() {
    var contents = RegistryContents(cluster: "PROD", epoch: "e", revision: 9)
    var row = row("AOS01")
    row.limit = 10
    row.drain = Drain(startedAt: Timestamp(milliseconds: 5), startedWith: 3)
    contents.instances[row.id] = row
    let state = contents.desiredState(of: row.id)
    #expect(
      state
        == DesiredState(
          cluster: "PROD", instance: row.id, epoch: "e", revision: 4, admission: .accepting,
          limit: 10, unlicensedReason: nil, removed: false, drain: nil))
    contents.instances[row.id]?.admission = .rejecting
    contents.instances[row.id]?.seat = nil
    contents.instances[row.id]?.removedAt = Timestamp(milliseconds: 7)
    let later = contents.desiredState(of: row.id)
    #expect(later?.drain == row.drain)
    #expect(later?.unlicensedReason == "no seat is free")
    #expect(later?.removed == true)
    #expect(contents.desiredState(of: .named("AOS02")) == nil)
  }

  @Test("what is read later and cannot have followed tells of a restored registry")
  func older() {
    let known = RegistryContents(cluster: "PROD", epoch: "e", revision: 9)
    var later = known
    #expect(!later.isOlder(than: known))
    later.seats = 3
    #expect(later.isOlder(than: known), "the same number, and something else")
    later.revision = 10
    #expect(!later.isOlder(than: known))
    later.revision = 8
    #expect(later.isOlder(than: known))
    later.epoch = "another"
    #expect(!later.isOlder(than: known), "another registry counts for itself")
  }

  @Test("members are the instances that were not removed, by id")
  func members() {
    var contents = RegistryContents(cluster: "PROD", epoch: "e")
    for id in ["B", "C", "A"] { contents.instances[.named(id)] = row(id) }
    contents.instances[.named("C")]?.removedAt = Timestamp(milliseconds: 0)
    #expect(contents.members.map(\.id.text) == ["A", "B"])
  }

  @Test("a balancer needs no license, a server needs a seat")
  func license() {
    var row = row("A")
    #expect(row.license == .licensed(seat: 1))
    row.seat = nil
    #expect(row.license.isUnlicensed)
    row.role = .loadBalancer
    #expect(row.license == .notRequired)
  }

  @Test("an operator's limit overrides the instance's own maximum, even when it is 0")
  func maximum() {
    var row = row("A")
    #expect(row.maximum == 60)
    row.limit = 0
    #expect(row.maximum == 0)
  }
}
