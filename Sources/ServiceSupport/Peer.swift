package import ClusterModel
package import NIOCore

/// The other end of a connection.
package struct Peer: Hashable, Sendable {
  /// Whether it is on this machine: the address is a loopback address, or there is none.
  package var isLoopback: Bool
  /// The network, which the limits count as one client.
  package var network: NetworkKey

  package init(isLoopback: Bool, network: NetworkKey) {
    (self.isLoopback, self.network) = (isLoopback, network)
  }

  package init(_ address: SocketAddress?) {
    switch address {
    case .v4(let v4):
      // After family and port (ip(7)).
      self.init(
        v4: withUnsafeBytes(of: v4.address) {
          UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        })
    case .v6(let v6):
      // After family, port and flow (ipv6(7)).
      self = withUnsafeBytes(of: v6.address) { bytes in
        Peer(
          v6: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
          rest: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
      }
    case .unixDomainSocket, nil: self.init(isLoopback: true, network: .local)
    }
  }

  private init(v4 address: UInt32) {
    self.init(isLoopback: address >> 24 == 127, network: NetworkKey(v4: address))
  }

  private init(v6 network: UInt64, rest: UInt64) {
    // ::ffff:a.b.c.d is an IPv4 address.
    if network == 0, rest >> 32 == 0xFFFF {
      self.init(v4: UInt32(truncatingIfNeeded: rest))
    } else {
      self.init(isLoopback: network == 0 && rest == 1, network: NetworkKey(v6: network))
    }
  }
}
