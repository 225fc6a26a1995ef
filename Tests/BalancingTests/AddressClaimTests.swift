import ClusterModel
import Testing

@testable import Balancing

/// Whose an address is that two claim.
@Suite("Claims of an address")
struct AddressClaimTests: TokenCluster {
  private func seen(_ id: InstanceID, _ health: Health, wasHeard: Bool) -> LiveView {
    LiveView(instances: [
      id: .init(
        health: health, connected: 0, isCounted: true, ownMaximum: 1, wasHeard: wasHeard)
    ])
  }

  @Test(
    "an address that only a token claims gives way to the Unix socket, operators and balancers",
    arguments: ["join", "move", "add", "balancer"], [Health.alive, .stopped, .unreachable])
  func unproven(who: String, health: Health) throws {
    var contents = cluster()
    let (thief, id) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
    let place = "10.0.0.1:2712"
    try decide(.join(thief, joining(rack, at: place)), on: &contents)
    if who == "move" {
      try decide(.join(id, joining(.local, at: "10.0.0.2:2712")), on: &contents)
    }
    // Whose feed was read there once has proven it, planned stop or not.
    let isProven = health != .unreachable
    let live = seen(thief, health, wasHeard: isProven)
    let before = contents
    let result = Result<Void, any Error> {
      switch who {
      case "add":
        try decide(
          .command(.add(id, at: Address(place), accept: true)), on: &contents, live: live)
      case "balancer":
        let joining = Joining(
          reach: InstanceReach(try Address(place)),
          profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0))
        let actions = try contents.register(id, joining, live: live, at: now)
        #expect(actions.map(\.action) == [.remove, .join], "the log says who lost the address")
      default: try decide(.join(id, joining(.local, at: place)), on: &contents, live: live)
      }
    }
    guard !isProven else {
      #expect(throws: MutationRefusal.addressTaken(try Address(place), by: thief)) {
        try result.get()
      }
      #expect(contents == before)
      return
    }
    try result.get()
    #expect(contents.members.map(\.id) == [id])
    #expect(contents.instances[id]?.address == (try Address(place)))
  }

  @Test("an address is proven by a feed that was read there, and by none at another address")
  func proof() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let one = try InstanceID("AOS01")
    #expect(cluster.balancer.liveView.isProven(one))
    try cluster.feed("AOS01", .goodbye)
    #expect(cluster.balancer.liveView.isProven(one), "it is stopped, and its place is known")
    try cluster.change(.join(one, joining(.local, at: "10.0.0.1:2712")))
    #expect(!cluster.balancer.liveView.isProven(one))
    try cluster.hello("AOS01")
    #expect(cluster.balancer.liveView.isProven(one))
  }

  @Test("an address that the Unix socket, an operator or a balancer claims gives way to nobody")
  func trusted() throws {
    for asker in [InstanceOwner.local, rack] {
      var contents = cluster()
      let one = try InstanceID("AOS01")
      try decide(.command(.add(one, at: Address("10.0.0.1:2712"), accept: true)), on: &contents)
      #expect(throws: MutationRefusal.addressTaken(try Address("10.0.0.1:2712"), by: one)) {
        try decide(.join(InstanceID("AOS02"), joining(asker)), on: &contents)
      }
    }
  }

  @Test(
    "an address that names no single machine belongs to no instance",
    arguments: [
      "0.0.0.0", "0", "0x0.0", "00.00.00.00", "[::]", "[0:0::]", "[::0.0.0.0]", "[::ffff:0:0]",
      "[::ffff:0.0.0.0]", "224.0.0.1", "239.1", "255.255.255.255", "3758096385", "[ff02::1]",
      "any.example",
    ])
  func sharedAddress(host: String) throws {
    let book = AddressBook(places: ["any.example": ["any.example", "0.0.0.0"]])
    let address = try Address("\(host):2712")
    var contents = cluster()
    let one = try InstanceID("AOS01")
    #expect(throws: MutationRefusal.sharedAddress(address)) {
      try decide(.command(.add(one, at: address, accept: true)), on: &contents, addresses: book)
    }
    #expect(throws: MutationRefusal.sharedAddress(address)) {
      try decide(.join(one, joining(rack, at: "\(host):2712")), on: &contents, addresses: book)
    }
    for single in ["10.0.0.1", "127.1", "[::1]", "[fe80::1]", "[::ffff:10.0.0.1]", "db0", "0.db"] {
      #expect(!book.isShared(try Address("\(single):2712")), "\(single)")
    }
  }

  @Test(
    "a number in its plain spelling stands for itself, and no other host does",
    arguments: [
      ("10.0.0.1", true), ("0.0.0.0", true), ("255.255.255.255", true), ("010.0.0.1", false),
      ("10.1", false), ("10.0.0.256", false), ("10.0.0.1.", false), ("1..2.3", false),
      ("1.2.3.4.5", false), ("::1", false), ("::ffff:10.0.0.1", false), ("aos1.example", false),
    ])
  func plainNumbers(host: String, isPlain: Bool) throws {
    #expect(AddressBook.standsForItself(host) == isPlain)
    // Another spelling is the same host once it was looked up.
    let book = AddressBook(places: [host: ["10.0.0.1"]])
    let (one, other) = (try Address(host: host, port: 1), try Address(host: "10.0.0.1", port: 1))
    #expect(book.isSame(one, other) == (!isPlain || host == "10.0.0.1"))
  }
}
