package import NIOCore
internal import ServiceSupport

/// The header of the PROXY protocol, version 2 (HAProxy, proxy-protocol.txt, 2.2), with which the
/// application hears who its client is.
package enum ProxyHeader {
  private static let signature: [UInt8] = [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
  ]

  /// - Parameters:
  ///   - source: The client's address.
  ///   - destination: Where it reached the instance.
  /// - Returns: A header of the command PROXY; of the command LOCAL where there is no such address:
  ///   over a Unix socket, or where the instance itself looks at the application.
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

  /// One end of a connection, in network order.
  private struct End {
    var octets: [UInt8]
    var port: [UInt8]

    /// A listener on `::` sees clients of IPv4 as ::ffff:a.b.c.d; they are told as IPv4.
    init?(_ address: SocketAddress?) {
      guard let address else { return nil }
      octets = NetworkRange.bytes(of: address)
      guard !octets.isEmpty else { return nil }
      port = ProxyHeader.bigEndian(UInt16(address.port ?? 0))
    }
  }
}
