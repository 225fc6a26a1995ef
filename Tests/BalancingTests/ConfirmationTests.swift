import Balancing
import ClusterModel
import Testing

@Suite("The log of actions")
struct ConfirmationTests {
  private let all = Set(ImpactWarning.allCases)

  private func confirmed(by cluster: Cluster) -> [InstanceID: Int64]? {
    cluster.effects.lazy.compactMap { if case .confirm(let obeyed) = $0 { obeyed } else { nil } }
      .first
  }

  /// A cluster of one server, all of which the log knows.
  private func settled() throws -> Cluster {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    cluster.tick()
    cluster.balancer.confirmed(try #require(confirmed(by: cluster)))
    cluster.pass(milliseconds: 5_000)
    cluster.tick()
    #expect(confirmed(by: cluster) == nil, "nothing is new")
    return cluster
  }

  @Test("hears late what an instance obeys, and asks again until it knows")
  func late() throws {
    var cluster = try settled()
    let one = try InstanceID("AOS01")
    try cluster.feed("AOS01", .closed(reason: "reset"))
    try cluster.change(.drain([one]))
    cluster.pass(milliseconds: 250)
    cluster.tick()
    #expect(confirmed(by: cluster) == nil, "it has not heard of it")
    try cluster.hello("AOS01")
    let wanted = [one: cluster.contents.revision]
    for milliseconds: Int64 in [250, 2_000] {
      cluster.pass(milliseconds: milliseconds)
      cluster.tick()
      #expect(confirmed(by: cluster) == wanted)
      cluster.pass(milliseconds: 250)
      cluster.tick()
      #expect(confirmed(by: cluster) == nil, "it was asked a moment ago")
    }
    cluster.balancer.confirmed(wanted)
    cluster.pass(milliseconds: 5_000)
    cluster.tick()
    #expect(confirmed(by: cluster) == nil)
  }

  @Test("learns of a removal that its instance learned from the refusal of its join")
  func removalByRefusal() throws {
    var cluster = try settled()
    let one = try InstanceID("AOS01")
    try cluster.change(.drain([one]))
    try cluster.feed("AOS01", .closed(reason: "reset"))
    try cluster.change(.remove([one], force: true), acknowledged: all)
    let document = try #require(cluster.contents.desiredState(of: one))
    let before = document.revision - 1
    #expect(
      cluster.balancer.refused(
        one, ObeyClaim(revision: before, digest: "1:0"), now: cluster.now) == [])
    cluster.pass(milliseconds: 250)
    cluster.tick()
    #expect(confirmed(by: cluster)?[one] == nil, "it is being told")
    let effects = cluster.balancer.refused(
      one, ObeyClaim(revision: document.revision, digest: document.digest), now: cluster.now)
    #expect(effects == [])
    cluster.pass(milliseconds: 250)
    cluster.tick()
    #expect(confirmed(by: cluster)?[one] == document.revision)
  }

  @Test("a removed instance that obeys a later order gets its removal under a higher number")
  func removedAndAhead() throws {
    var cluster = try settled()
    let one = try InstanceID("AOS01")
    try cluster.change(.remove([one], force: true), acknowledged: all)
    let removal = try #require(cluster.contents.desiredState(of: one))
    for (revision, isAstray) in [(removal.revision, true), (removal.revision + 9, false)] {
      let digest = "1:0"
      let later = try cluster.order("AOS01", revision: revision)
      let claim = ObeyClaim(
        revision: revision, digest: digest, proof: isAstray ? .none : .document(later))
      cluster.pass(milliseconds: 60_000)
      let effects = cluster.balancer.refused(one, claim, now: cluster.now)
      let wanted = Mutation.pass(one, revision: revision, digest: isAstray ? digest : nil)
      #expect(effects == [.write(wanted, by: .instance(one))])
      try cluster.change(wanted)
      let document = try #require(cluster.contents.desiredState(of: one))
      #expect(document.removed && document.revision > revision)
    }
    let stranger = ObeyClaim(revision: 99)
    #expect(
      cluster.balancer.refused(try InstanceID("AOS02"), stranger, now: cluster.now) == [])
  }

  @Test("is not asked while the registry is away, and asked for everything after an outage")
  func outage() throws {
    var cluster = try settled()
    let one = try InstanceID("AOS01")
    try cluster.change(.drain([one]))
    cluster.balancer.obeys(one, revision: cluster.contents.revision)
    cluster.balancer.registryBecame(.unavailable)
    cluster.tick()
    #expect(confirmed(by: cluster) == nil)
    cluster.balancer.registryBecame(.available)
    _ = cluster.balancer.registryChanged(
      to: cluster.contents, afterOutage: true, now: cluster.now)
    cluster.tick()
    #expect(confirmed(by: cluster)?.keys.map(\.text).sorted() == ["AOS01", "AOS02"])
  }

  @Test("learns of a removal when the instance has heard of it")
  func removal() throws {
    var cluster = try settled()
    let one = try InstanceID("AOS01")
    try cluster.change(
      .remove([one], force: true), acknowledged: Set(ImpactWarning.allCases))
    cluster.tick()
    #expect(confirmed(by: cluster) == nil)
    cluster.balancer.obeys(one, revision: cluster.contents.revision)
    cluster.tick()
    #expect(confirmed(by: cluster) == [one: cluster.contents.revision])
  }
}
