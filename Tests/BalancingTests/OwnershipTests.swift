import ClusterModel
import Testing

@testable import Balancing

/// To whom ids belong, how many there may be, and when one is forgotten.
@Suite("Owners of ids")
struct OwnershipTests {
  private let now = Timestamp(milliseconds: 1_800_000_000_000)
  private let rack = InstanceOwner.token(id: "rack", name: "rack")
  private let other = InstanceOwner.token(id: "other", name: "other")

  private func cluster() -> RegistryContents {
    var contents = RegistryContents(cluster: "TEST", epoch: "e", revision: 1)
    for id in ["rack", "other"] { contents.tokens[id] = token(id) }
    return contents
  }

  private func token(
    _ id: String, role: TokenRole = .instance, most: Int = AccessToken.usualInstances,
    expiresAt: Timestamp? = nil
  ) -> AccessToken {
    AccessToken(
      id: id, name: id, role: role, hash: Array(repeating: 1, count: 32), createdAt: now,
      createdBy: "root", expiresAt: expiresAt, mostInstances: most)
  }

  private func joining(
    _ asker: InstanceOwner, at address: String = "10.0.0.1:2712", tls: Bool = false,
    services: ServerServices = .application, servicesAddress: String? = nil
  ) throws -> Joining {
    Joining(
      reach: try InstanceReach(
        Address(address), servicesAddress: servicesAddress.map { try Address($0) }, tls: tls),
      profile: InstanceProfile(role: .server(services), ownMaximum: 10), asker: asker)
  }

  private func decide(
    _ mutation: Mutation, on contents: inout RegistryContents, live: LiveView = LiveView(),
    addresses: AddressBook = AddressBook(), at: Timestamp? = nil
  ) throws {
    contents = try Decision(
      mutation, on: contents, live: live, addresses: addresses, actor: "ana", at: at ?? now,
      acknowledged: Set(ImpactWarning.allCases)
    ).contents
  }

  private func decide(
    _ command: OperatorCommand, on contents: inout RegistryContents,
    addresses: AddressBook = AddressBook(), at: Timestamp? = nil
  ) throws {
    try decide(.command(command), on: &contents, addresses: addresses, at: at)
  }

  @Test("an id belongs to the token that first joined it, or to the machine's own users")
  func owners() throws {
    var contents = cluster()
    try decide(.join(InstanceID("AOS01"), joining(rack)), on: &contents)
    try decide(.join(InstanceID("AOS02"), joining(.local, at: "10.0.0.2:2712")), on: &contents)
    try decide(.add(InstanceID("AOS03"), at: Address("10.0.0.3:2712"), accept: true), on: &contents)
    let owners = contents.members.map(\.owner)
    #expect(owners == [rack, .local, .local])
  }

  static let changes: [@Sendable (inout Joining) throws -> Void] = [
    { _ in }, { $0.reach.tls = true }, { $0.profile.role = .server(.batch) },
    { $0.profile.ownMaximum = 0 },
    { $0.reach.servicesAddress = try Address("10.9.9.9:8101") },
    { $0.reach.address = try Address("10.9.9.9:1") },
    { $0.profile.role = .loadBalancer },
  ]

  @Test(
    "only the owner and the Unix socket may join an id, whatever the join says",
    arguments: changes.indices, [true, false])
  func strangers(change: Int, isRemoved: Bool) throws {
    for (owner, stranger) in [(rack, other), (InstanceOwner.local, rack)] {
      var contents = cluster()
      let one = try InstanceID("AOS01")
      try decide(.join(one, joining(owner)), on: &contents)
      if isRemoved { contents.instances[one]?.removedAt = now }
      var request = try joining(stranger)
      try Self.changes[change](&request)
      let before = contents
      #expect(throws: MutationRefusal.notOwner(one, owner)) {
        try decide(.join(one, request), on: &contents)
      }
      #expect(contents == before)
      guard !isRemoved else { continue }
      try decide(.join(one, joining(owner, servicesAddress: "10.0.0.1:8101")), on: &contents)
      try decide(.join(one, joining(.local, tls: true)), on: &contents)
      #expect(contents.instances[one]?.owner == owner, "the Unix socket takes no id away")
    }
  }

  @Test(
    "a token that has ended joins nothing",
    arguments: ["revoked", "expired", "unknown", "viewer"])
  func ended(how: String) throws {
    var contents = cluster()
    let one = try InstanceID("AOS01")
    try decide(.join(one, joining(rack)), on: &contents)
    switch how {
    case "revoked": _ = try contents.revokeToken("rack", at: now)
    case "expired": contents.tokens["rack"]?.expiresAt = now
    case "viewer": contents.tokens["rack"]?.role = .viewer
    default: contents.tokens["rack"] = nil
    }
    #expect(throws: MutationRefusal.tokenEnded) {
      try decide(.join(one, joining(rack)), on: &contents)
    }
  }

  @Test("what an operator adds again after its removal is still its owner's to join")
  func addedAgain() throws {
    var contents = cluster()
    let one = try InstanceID("AOS01")
    try decide(.join(one, joining(rack)), on: &contents)
    try decide(.remove([one], force: true), on: &contents)
    try decide(.add(one, at: Address("10.0.0.1:2712"), accept: true), on: &contents)
    #expect(contents.instances[one]?.owner == rack)
    try decide(.join(one, joining(rack)), on: &contents)
  }

  @Test("a revoked token's ids become local, those of an expired one when it is forgotten")
  func released() throws {
    var contents = cluster()
    let one = try InstanceID("AOS01")
    try decide(.join(one, joining(rack)), on: &contents)
    _ = try contents.revokeToken("rack", at: now)
    #expect(contents.instances[one]?.owner == .local)

    let two = try InstanceID("AOS02")
    try decide(.join(two, joining(other, at: "10.0.0.2:2712")), on: &contents)
    contents.tokens["other"]?.expiresAt = now
    let later = now.adding(milliseconds: 1)
    // With the two that have ended already there is one more than are kept.
    for number in 1..<RegistryContents.revokedTokensKept {
      #expect(contents.instances[two]?.owner == other)
      _ = try contents.create(token("t\(number)"), at: later)
      _ = try contents.revokeToken("t\(number)", at: later)
    }
    #expect(contents.tokens["other"] == nil)
    #expect(contents.instances[two]?.owner == .local)
  }

  @Test("a new token takes over the ids of the token that it replaces, expired or not")
  func replaced() throws {
    for expiresAt in [nil, now] {
      var contents = cluster()
      for number in 1...3 {
        try decide(
          .join(InstanceID("AOS0\(number)"), joining(rack, at: "10.0.0.\(number):2712")),
          on: &contents)
      }
      contents.tokens["rack"]?.expiresAt = expiresAt
      let made = try contents.create(token("new"), replacing: "rack", at: now)
      #expect(made.map(\.action) == [.createToken, .assign])
      #expect(contents.owned(by: "new").count == 3)
      #expect(contents.owned(by: "rack").isEmpty)
      #expect(throws: MutationRefusal.self) {
        try decide(.join(InstanceID("AOS01"), joining(rack)), on: &contents)
      }
    }
  }

  @Test("ids are handed only to a token of the role instance that may own as many")
  func handed() throws {
    var contents = cluster()
    let one = try InstanceID("AOS01")
    try decide(.add(one, at: Address("10.0.0.1:2712"), accept: true), on: &contents)
    try decide(
      .join(
        InstanceID("LB1"),
        Joining(
          reach: InstanceReach(Address("10.0.0.9:1")),
          profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0))), on: &contents)
    contents.tokens["viewer"] = token("viewer", role: .viewer)
    contents.tokens["old"] = token("old", expiresAt: now)
    contents.tokens["small"] = token("small", most: 1)
    let before = contents
    func refusal(_ ids: [String], to token: String) throws -> TokenRefusal? {
      var copy = before
      let ids = try ids.map { try InstanceID($0) }
      do throws(TokenRefusal) {
        _ = try copy.give(ids, to: token, at: now)
        return nil
      } catch { return error }
    }
    #expect(try refusal(["AOS01"], to: "rack") == nil)
    #expect(try refusal(["AOS01"], to: "nobody") == .unknown)
    #expect(try refusal(["AOS01"], to: "viewer") == .ownsNothing(.viewer))
    #expect(try refusal(["AOS01"], to: "old") == .ended("old"))
    #expect(try refusal(["AOS07"], to: "rack") == .unknownInstance(InstanceID("AOS07")))
    #expect(try refusal(["LB1"], to: "rack") == .unknownInstance(InstanceID("LB1")))
    try decide(.add(InstanceID("AOS02"), at: Address("10.0.0.2:2712"), accept: true), on: &contents)
    #expect(throws: TokenRefusal.tooManyInstances(2, most: 1)) {
      try contents.give([one, InstanceID("AOS02")], to: "small", at: now)
    }
  }

  @Test("a token owns this many ids and no more, and a removed one makes room")
  func ofToken() throws {
    var contents = cluster()
    contents.tokens["rack"]?.mostInstances = 2
    for number in 1...2 {
      try decide(
        .join(InstanceID("AOS0\(number)"), joining(rack, at: "10.0.0.\(number):2712")),
        on: &contents)
    }
    let third = try Mutation.join(InstanceID("AOS03"), joining(rack, at: "10.0.0.3:2712"))
    #expect(throws: MutationRefusal.tooManyInstances(ofToken: "rack", 2)) {
      try decide(third, on: &contents)
    }
    try decide(.join(InstanceID("AOS01"), joining(rack)), on: &contents)
    try decide(.remove([InstanceID("AOS02")], force: true), on: &contents)
    try decide(third, on: &contents)
    #expect(AccessToken.usualInstances == 64)
  }

  @Test("a cluster has ten thousand instances at most, joined or added; balancers do not count")
  func ofCluster() throws {
    var contents = cluster()
    for number in 0...Limits.members {
      let id = try InstanceID("A\(number)")
      let role = number == 0 ? Role.loadBalancer : .server(.application)
      if number == Limits.members {
        var roomy = contents
        try decide(.join(InstanceID("B"), joining(rack)), on: &roomy)
      }
      contents.instances[id] = RegisteredInstance(
        id: id, reach: try InstanceReach(Address("10.1.0.1:\(number + 1)")),
        profile: InstanceProfile(role: role, ownMaximum: 1),
        record: AdmissionRecord(.accepting, at: now, by: "x"), registration: Int64(number),
        revision: 1)
    }
    #expect(throws: MutationRefusal.clusterIsFull(10_000)) {
      try decide(.join(InstanceID("B"), joining(rack)), on: &contents)
    }
    #expect(throws: MutationRefusal.clusterIsFull(10_000)) {
      try decide(.add(InstanceID("B"), at: Address("10.0.0.1:1"), accept: true), on: &contents)
    }
  }

  @Test("an address belongs to one id, in whatever words it is written")
  func addresses() throws {
    let book = AddressBook(places: [
      "localhost": ["localhost", "127.0.0.1", "::1"], "127.0.0.1": ["127.0.0.1"],
      "0:0:0:0:0:0:0:1": ["::1"], "db": ["db", "10.0.0.7"],
    ])
    for same in ["localhost:2713", "127.0.0.1:2713", "[0:0:0:0:0:0:0:1]:2713"] {
      var contents = cluster()
      let one = try InstanceID("AOS01")
      try decide(.join(one, joining(rack, at: "localhost:2713")), on: &contents)
      #expect(throws: MutationRefusal.addressTaken(try Address(same), by: one)) {
        try decide(
          .join(InstanceID("AOS02"), joining(other, at: same)), on: &contents, addresses: book)
      }
      // The instance itself may write it in other words while it is alive.
      let live = LiveView(instances: [
        one: .init(health: .alive, connected: 0, isCounted: true, ownMaximum: 1)
      ])
      #expect(throws: MutationRefusal.addressTaken(try Address(same), by: one)) {
        try decide(
          .command(.add(InstanceID("AOS02"), at: Address(same), accept: true)), on: &contents,
          live: live, addresses: book)
      }
      try decide(.join(one, joining(rack, at: same)), on: &contents, live: live, addresses: book)
      #expect(throws: MutationRefusal.self) {
        try decide(
          .join(one, joining(rack, at: "db:2713")), on: &contents, live: live, addresses: book)
      }
      try decide(
        .join(InstanceID("AOS02"), joining(other, at: "db:2713")), on: &contents, addresses: book)
      try decide(
        .join(InstanceID("AOS03"), joining(other, at: "localhost:2714")), on: &contents,
        addresses: book)
    }
  }

  @Test("a removed row goes when its instance was not heard of for ninety days")
  func tombstones() throws {
    var contents = cluster()
    let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
    try decide(.join(one, joining(rack)), on: &contents)
    try decide(.join(two, joining(rack, at: "10.0.0.2:2712")), on: &contents)
    try decide(.remove([one, two], force: true), on: &contents)
    let day: Int64 = 86_400_000
    // The second one runs still, and asks.
    let soon = now.adding(milliseconds: day - 1)
    try decide(.asked(two), on: &contents, at: soon)
    #expect(contents.instances[two]?.askedAt == nil, "once a day is enough")
    let middle = now.adding(milliseconds: 60 * day)
    try decide(.asked(two), on: &contents, at: middle)
    #expect(contents.instances[two]?.askedAt == middle)
    try decide(.seats(5), on: &contents, at: now.adding(milliseconds: 90 * day))
    #expect(contents.instances.count == 2)
    try decide(.seats(6), on: &contents, at: now.adding(milliseconds: 90 * day + 1))
    #expect(contents.instances.keys.sorted() == [two])
    try decide(.seats(7), on: &contents, at: now.adding(milliseconds: 151 * day))
    #expect(contents.instances.isEmpty)
  }

  @Test("no number of removals keeps more than a thousand rows")
  func manyTombstones() throws {
    var contents = cluster()
    for number in 0..<1_100 {
      let id = try InstanceID("A\(number)")
      contents.instances[id] = RegisteredInstance(
        id: id, reach: try InstanceReach(Address("10.1.0.1:\(number + 1)")),
        profile: InstanceProfile(role: .server(.application), ownMaximum: 1),
        record: AdmissionRecord(.accepting, at: now, by: "x"), registration: Int64(number),
        revision: 1)
      contents.instances[id]?.removedAt = now.adding(milliseconds: Int64(number))
    }
    try decide(.seats(5), on: &contents, at: now.adding(milliseconds: 5_000))
    #expect(contents.instances.count == RegistryContents.tombstonesKept)
    #expect(contents.instances[try InstanceID("A99")] == nil)
    #expect(contents.instances[try InstanceID("A100")] != nil)
  }

  @Test("a token expires at its time, and its name is free from then on")
  func expires() throws {
    var contents = cluster()
    contents.tokens["rack"] = token("rack", expiresAt: now.adding(milliseconds: 1))
    #expect(contents.tokens["rack"]?.isInForce(at: now) == true)
    var second = token("second")
    second.name = "rack"
    let made = second
    #expect(throws: TokenRefusal.nameTaken("rack")) { try contents.create(made, at: now) }
    let later = now.adding(milliseconds: 1)
    #expect(contents.tokens["rack"]?.isInForce(at: later) == false)
    _ = try contents.create(made, at: later)
  }
}
