import Balancing
import ClusterModel
import Testing

/// Whatever one instance says: the registry and the other instances do not notice.
@Suite("What an instance says of its orders")
struct OrderClaimTests {
  private let one: InstanceID

  init() throws { one = try InstanceID("AOS01") }

  private func settled() throws -> Cluster {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    return cluster
  }

  /// Lets time pass as a living balancer does, and counts what the registry is asked to go past.
  private func passes(of cluster: inout Cluster, seconds: Int, saying: ObeyClaim?) throws -> Int {
    var count = 0
    for _ in 0..<seconds {
      cluster.pass(milliseconds: 1_000)
      if let saying { try cluster.feed("AOS01", .obeys(saying)) }
      try cluster.feed("AOS02", .heartbeat)
      count += cluster.passes
      cluster.tick()
      count += cluster.passes
    }
    return count
  }

  @Test(
    "a number later than the registry's is ignored where nothing proves it, and the row says so",
    arguments: [2, 1_000, Limits.revision - 100, Int64.max - 100] as [Int64])
  func unproven(ahead: Int64) throws {
    var cluster = try settled()
    let before = cluster.contents
    let claim = ObeyClaim(revision: cluster.contents.revision + ahead)
    try cluster.hello("AOS01", revision: claim.revision)
    #expect(cluster.passes == 0)
    #expect(try !cluster.status("AOS01").delivered)
    #expect(try cluster.status("AOS01").healthReason == nil, "another balancer may know more")
    #expect(try passes(of: &cluster, seconds: 10, saying: claim) == 0)
    let row = try cluster.status("AOS01")
    #expect(row.health == .alive && !row.delivered)
    #expect(row.healthReason?.contains("without the signed order that proves it") == true)
    #expect(try cluster.status("AOS02").delivered)
    // Nor by its answer to a document, nor by a join after its removal.
    cluster.balancer.obeys(one, claim)
    #expect(try !cluster.status("AOS01").delivered)
    #expect(cluster.contents == before)
    try cluster.change(.remove([one], force: true), acknowledged: Set(ImpactWarning.allCases))
    #expect(cluster.balancer.refused(one, claim, now: cluster.now) == [])
    #expect(!cluster.balancer.isDelivered([one]))
  }

  @Test("an ignored number is logged once a minute, however often it arrives")
  func logged() throws {
    var cluster = try settled()
    var lines = 0
    for _ in 0..<180 {
      try cluster.feed("AOS01", .obeys(ObeyClaim(revision: 99)))
      cluster.pass(milliseconds: 1_000)
      try cluster.feed("AOS02", .heartbeat)
      cluster.tick()
      lines += cluster.effects.count { if case .report = $0 { true } else { false } }
    }
    #expect(lines == 3)
  }

  @Test("a number that a signed order proves is passed, and its repeat is not")
  func proven() throws {
    var cluster = try settled()
    let order = try cluster.order("AOS01", revision: 40)
    let claim = ObeyClaim(revision: 7, digest: "1:0", proof: .document(order))
    try cluster.hello("AOS01", revision: 7, proof: .document(order))
    let pass = Balancer.Effect.write(.pass(one, revision: 40), by: .instance(one))
    #expect(cluster.effects.contains(pass), "the document counts")
    try cluster.change(.pass(one, revision: 40))
    #expect(cluster.contents.revision == 41)
    #expect(try passes(of: &cluster, seconds: 3_600, saying: claim) == 0)
  }

  @Test("only an instance with a wrong digest gets its order again, ever more rarely")
  func wrongDigest() throws {
    var cluster = try settled()
    let other = try #require(cluster.contents.desiredState(of: try InstanceID("AOS02")))
    var count = 0
    for second in 0..<7_200 {
      cluster.pass(milliseconds: 1_000)
      let row = try #require(cluster.contents.instances[one])
      try cluster.feed(
        "AOS01", .obeys(ObeyClaim(revision: row.revision, digest: "1:\(second)")))
      try cluster.feed("AOS02", .heartbeat)
      cluster.tick()
      let write = cluster.effects.first { if case .write(.pass, _) = $0 { true } else { false } }
      guard case .write(let pass, _)? = write else { continue }
      count += 1
      let decision = try Decision(
        pass, on: cluster.contents, live: cluster.balancer.liveView, actor: "AOS01",
        at: cluster.now.wall)
      cluster.contents =
        RegistryDifference(
          from: cluster.contents, to: decision.contents, at: cluster.now.wall
        ).contents
      _ = cluster.balancer.registryChanged(to: cluster.contents, now: cluster.now)
    }
    #expect((1...8).contains(count), "\(count) times in two hours")
    #expect(cluster.contents.desiredState(of: try InstanceID("AOS02")) == other)
  }

  @Test("joins of a removed instance with a wrong digest have the same pause")
  func removedJoins() throws {
    var cluster = try settled()
    try cluster.change(.remove([one], force: true), acknowledged: Set(ImpactWarning.allCases))
    var count = 0
    for number in 0..<3_600 {
      cluster.pass(milliseconds: 1_000)
      let claim = ObeyClaim(revision: cluster.contents.revision, digest: "1:\(number)")
      count += cluster.balancer.refused(one, claim, now: cluster.now).count
    }
    #expect((1...7).contains(count), "\(count) times in an hour")
  }

  @Test("an order of another registry, or without proof, is ignored")
  func elsewhere() throws {
    for proof: ObeyClaim.Proof in [
      .document(
        DesiredState(
          cluster: "TEST", instance: one, epoch: "e2", revision: 2, admission: .accepting,
          limit: nil, unlicensedReason: nil, removed: false, drain: nil)),
      .refused(reason: "the signature is not that of the trusted key"),
    ] {
      var cluster = try settled()
      #expect(try cluster.status("AOS01").delivered)
      try cluster.feed("AOS01", .obeys(ObeyClaim(revision: 2, digest: "1:0", proof: proof)))
      #expect(try !cluster.status("AOS01").delivered)
      #expect(try passes(of: &cluster, seconds: 10, saying: nil) == 0)
      #expect(try cluster.status("AOS01").healthReason != nil)
      try cluster.hello("AOS01")
      #expect(try cluster.status("AOS01").delivered)
      #expect(try cluster.status("AOS01").healthReason == nil)
    }
  }

  @Test("a row does not say delivered any more when another registry has overridden the order")
  func overridden() throws {
    var cluster = try settled()
    var order = try cluster.order("AOS01", revision: 40)
    order.admission = .rejecting
    try cluster.feed(
      "AOS01", .obeys(ObeyClaim(revision: 40, digest: order.digest, proof: .document(order))))
    #expect(try !cluster.status("AOS01").delivered)
    #expect(cluster.passes == 0, "the registry may learn of it by itself")
    #expect(try passes(of: &cluster, seconds: 3, saying: nil) == 1)
  }

  @Test("an order that another balancer gave is not passed before it can be read")
  func otherBalancer() throws {
    var cluster = try settled()
    let next = try cluster.order("AOS01", revision: cluster.contents.revision + 1)
    try cluster.feed("AOS01", .obeys(ObeyClaim(revision: next.revision, proof: .document(next))))
    #expect(try passes(of: &cluster, seconds: 1, saying: nil) == 0)
    cluster.contents.revision = next.revision
    cluster.contents.instances[one]?.revision = next.revision
    _ = cluster.balancer.registryChanged(to: cluster.contents, now: cluster.now)
    #expect(try passes(of: &cluster, seconds: 10, saying: nil) == 0)
    #expect(try cluster.status("AOS01").delivered)
  }

  @Test("two living copies of one registry go past each other ever more rarely")
  func copies() throws {
    var cluster = try settled()
    var count = 0
    for _ in 0..<3_600 {
      cluster.pass(milliseconds: 1_000)
      // The other copy has given a later order at once.
      let order = try cluster.order("AOS01", revision: cluster.contents.revision + 1)
      try cluster.feed(
        "AOS01", .obeys(ObeyClaim(revision: order.revision, proof: .document(order))))
      try cluster.feed("AOS02", .heartbeat)
      cluster.tick()
      if cluster.passes > 0 {
        count += 1
        try cluster.change(.pass(one, revision: order.revision))
      }
    }
    #expect((9...30).contains(count), "\(count) times in an hour")
  }
}
