import ClusterModel
import NIOCore
import ServiceSupport
import Testing

@Suite("A range of addresses")
struct NetworkRangeTests {
  @Test(
    "holds the addresses that begin with its bits",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
      ("192.168.4.0/22", "192.168.7.255", true), ("192.168.4.0/22", "192.168.8.0", false),
      ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "fd00::1", false),
      ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
      ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false),
      ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
      ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::1", "::1", true),
    ])
  func contains(range: String, address: String, isInside: Bool) throws {
    let range = try NetworkRange(range)
    #expect(range.contains(try SocketAddress(ipAddress: address, port: 1)) == isInside)
  }

  @Test(
    "is refused where it is not one",
    arguments: [
      "", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.1/8",
      "fd00::/129", "10.0.0.0/+8", "10.0/8", "host/8",
    ])
  func refused(text: String) {
    #expect(throws: InvalidValue.self) { try NetworkRange(text) }
  }
}
