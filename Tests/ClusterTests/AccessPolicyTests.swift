import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Glibc
import Logging
import NIOCore
import ServiceSupport
import Testing

@testable import BalancerService

@Suite("Access without sockets")
struct AccessPolicyTests {
  private static let far = Peer(isLoopback: false, network: NetworkKey(v4: 0xC000_0207))
  private static let near = Peer(isLoopback: true, network: NetworkKey(v4: 0x7F00_0001))

  @Test(
    "changes from other machines want TLS, unless the operator said otherwise",
    arguments: [Access.operator, .instance])
  func plaintext(access: Access) {
    let plain = AccessPolicy()
    #expect(plain.refusal(of: access, from: Self.far)?.name == .forbidden)
    #expect(plain.refusal(of: access, from: Self.far)?.detail.contains("TLS") == true)
    #expect(plain.refusal(of: access, from: Self.near) == nil)
    #expect(AccessPolicy(isEncrypted: true).refusal(of: access, from: Self.far) == nil)
    let careless = AccessPolicy(allowsPlaintextOperators: true)
    #expect(careless.refusal(of: access, from: Self.far) == nil)
    #expect(plain.refusal(of: .viewer, from: Self.far) == nil)
  }

  @Test(
    "loopback is what the kernel calls so",
    arguments: [
      ("127.0.0.1", true, "127.0.0.1"), ("127.9.9.9", true, "127.9.9.9"),
      ("10.0.0.1", false, "10.0.0.1"), ("128.0.0.1", false, "128.0.0.1"),
      ("::1", true, "0:0:0:0::/64"),
      ("::ffff:127.0.0.1", true, "127.0.0.1"), ("::ffff:10.0.0.1", false, "10.0.0.1"),
      ("::2", false, "0:0:0:0::/64"), ("2001:db8:1:2:3::4", false, "2001:db8:1:2::/64"),
      ("fe80::1", false, "fe80:0:0:0::/64"), ("::127.0.0.1", false, "0:0:0:0::/64"),
    ])
  func peers(address: String, isLoopback: Bool, key: String) throws {
    let peer = Peer(try SocketAddress(ipAddress: address, port: 1))
    #expect(peer.isLoopback == isLoopback)
    #expect(peer.network.description == key)
  }

  @Test("an address has its tries, gets them back in time, and is never shut out for longer")
  func limiter() {
    var limiter = RefusalLimiter()
    for _ in 0..<RefusalLimiter.most { #expect(limiter.refused("a", now: 0) == .tell) }
    for _ in 0..<10_000 { #expect(limiter.refused("a", now: 0) == .wait(seconds: 1)) }
    #expect(limiter.refused("b", now: 0) == .tell, "others are not concerned")
    for _ in 0..<RefusalLimiter.perSecond {
      #expect(limiter.refused("a", now: 1_000) == .tell)
    }
    #expect(limiter.refused("a", now: 1_000) == .wait(seconds: 1))
    #expect(limiter.refused("a", now: 100_000) == .tell)
  }

  @Test("however many addresses come, the memory is bounded, and the busiest are remembered")
  func addresses() {
    var limiter = RefusalLimiter()
    for _ in 0..<RefusalLimiter.most { _ = limiter.refused("busy", now: 0) }
    for number in 0..<(RefusalLimiter.mostAddresses * 5) {
      _ = limiter.refused("\(number)", now: 0)
      #expect(limiter.addressCount <= RefusalLimiter.mostAddresses)
    }
    #expect(limiter.refused("busy", now: 0) == .wait(seconds: 1))
  }

  @Test("a refused token is worth one line a minute for each address and reason")
  func lines() {
    let log = KeptLog()
    let logger = Logger(label: "test") { _ in WithoutRepeats(log) }
    func refuse(_ address: String, _ reason: String) {
      logger.notice(
        "A token was refused", metadata: ["from": "\(address)", "reason": "\(reason)"])
    }
    for seconds in 95..<120 { refuse("a", "the clock is \(seconds) s ahead") }
    #expect(log.count == 1, "seconds are not news")
    refuse("a", "the key is another")
    #expect(log.count == 2, "another reason is")
    refuse("b", "the key is another")
    #expect(log.count == 3, "another address is")
  }

  @Test(
    "over a real network address, plaintext reads with a token and changes nothing",
    .enabled(if: OwnAddress.found != nil, "this machine has no address but loopback"))
  func realAddress() async throws {
    let host = try #require(OwnAddress.found)
    try await LiveCluster.run(configure: { $0.listen = ("0.0.0.0", 0) }) { cluster in
      let token = try await cluster.makeToken(.operator).token
      let address = try Address(host: host, port: cluster.balancerAddress.port)
      let far = ClusterConnection(.http(address), token: token, transport: cluster.transport)
      #expect(try await far.status().cluster == "TEST")
      #expect(await problem { try await far.change(.seats(3)) } == .forbidden)
      let near = ClusterConnection(
        .http(cluster.balancerAddress), token: token, transport: cluster.transport)
      _ = try await near.change(.seats(3))
    }
    try await LiveCluster.run(configure: {
      $0.listen = ("0.0.0.0", 0)
      $0.allowsPlaintextOperators = true
    }) { cluster in
      let token = try await cluster.makeToken(.operator).token
      let address = try Address(host: host, port: cluster.balancerAddress.port)
      let far = ClusterConnection(.http(address), token: token, transport: cluster.transport)
      _ = try await far.change(.seats(3))
    }
  }
}

/// An IPv4 address of this machine beyond loopback.
enum OwnAddress {
  static let found: String? = {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return nil }
    defer { freeifaddrs(first) }
    for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
      guard let entry, let name = entry.pointee.ifa_addr, name.pointee.sa_family == AF_INET,
        entry.pointee.ifa_flags & UInt32(IFF_UP) != 0
      else { continue }
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let size = socklen_t(MemoryLayout<sockaddr_in>.size)
      guard getnameinfo(name, size, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      else { continue }
      let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
      if !address.hasPrefix("127.") { return address }
    }
    return nil
  }()
}
