/// The unit that limits count as one client: an IPv4 address, or the 64 bits of an IPv6 address
/// that name a network, since every host can use all addresses of its network.
public struct NetworkKey: Hashable, Sendable {
  private enum Family: Hashable { case local, v4, v6 }

  private let family: Family
  private let bits: UInt64

  private init(_ family: Family, _ bits: UInt64) {
    (self.family, self.bits) = (family, bits)
  }

  /// All clients of a Unix socket.
  public static let local = NetworkKey(.local, 0)

  /// - Parameter address: The first byte of the address is the most significant one.
  public init(v4 address: UInt32) { self.init(.v4, UInt64(address)) }

  /// - Parameter network: The upper half of the address; its first byte is the most significant
  ///   one.
  public init(v6 network: UInt64) { self.init(.v6, network) }
}

extension NetworkKey: CustomStringConvertible {
  public var description: String {
    switch family {
    case .local: "local"
    case .v4:
      stride(from: 24, through: 0, by: -8).map { "\(bits >> $0 & 0xFF)" }.joined(separator: ".")
    case .v6:
      stride(from: 48, through: 0, by: -16).map { String(bits >> $0 & 0xFFFF, radix: 16) }
        .joined(separator: ":") + "::/64"
    }
  }
}
