package import NIOCore
internal import ServiceSupport

/// The header of the PROXY protocol, version 2 (HAProxy, proxy-protocol.txt, 2.2), which tells the
/// application its client's address.
package enum ProxyHeader {
  private static let signature: [UInt8] = [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
  ]

  /// - Parameters:
  ///   - source: The client's address.
  ///   - destination: The address at which it reached the instance.
  /// - Returns: A header of the command PROXY; or of the command LOCAL where there is no such
  ///   address: over a Unix socket, or for the instance's own checks.
  package static func bytes(source: SocketAddress?, destination: SocketAddress?) -> [UInt8] {
    guard let from = End(source), let to = End(destination), from.octets.count == to.octets.count
    else { return signature + [0x20, 0x00, 0x00, 0x00] }
    let isFour = from.octets.count == 4
    let addresses = from.octets + to.octets + from.port + to.port
    return signature + [0x21, isFour ? 0x11 : 0x21] + bigEndian(UInt16(addresses.count)) + addresses
  }

  private static func bigEndian(_ number: UInt16) -> [UInt8] {
    [UInt8(number >> 8), UInt8(number & 0xFF)]
  }

  /// One end of a connection, in network byte order.
  private struct End {
    var octets: [UInt8]
    var port: [UInt8]

    /// A listener on `::` sees IPv4 clients as ::ffff:a.b.c.d. They are reported as IPv4.
    init?(_ address: SocketAddress?) {
      guard let address else { return nil }
      octets = NetworkRange.bytes(of: address)
      guard !octets.isEmpty else { return nil }
      port = ProxyHeader.bigEndian(UInt16(address.port ?? 0))
    }
  }
}
