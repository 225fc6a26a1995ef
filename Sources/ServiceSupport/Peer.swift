internal import Glibc
package import NIOCore

/// The other end of a connection.
package struct Peer: Hashable, Sendable {
  /// This machine: the address is one of loopback, or there is none.
  package var isLoopback: Bool
  /// Whom the limits take for one: an IPv4 address, or the 64 bits of an IPv6 address that name
  /// a network, since every host has all that follow.
  package var limitKey: String

  package init(isLoopback: Bool, limitKey: String) {
    (self.isLoopback, self.limitKey) = (isLoopback, limitKey)
  }

  package init(_ address: SocketAddress?) {
    let text = address?.ipAddress ?? ""
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(v4: Array(bytes[..<4]))
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(v6: bytes)
    } else {
      self.init(isLoopback: true, limitKey: "local")
    }
  }

  /// - Parameter bytes: Four, in the order of the network.
  private init(v4 bytes: [UInt8]) {
    self.init(
      isLoopback: bytes[0] == 127, limitKey: bytes.map { "\($0)" }.joined(separator: "."))
  }

  /// - Parameter bytes: Sixteen, in the order of the network.
  private init(v6 bytes: [UInt8]) {
    let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
    guard !isMapped else {
      self.init(v4: Array(bytes[12...]))
      return
    }
    let groups = stride(from: 0, to: 8, by: 2).map { place in
      String(Int(bytes[place]) << 8 | Int(bytes[place + 1]), radix: 16)
    }
    self.init(
      isLoopback: bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1,
      limitKey: groups.joined(separator: ":") + "::/64")
  }
}
