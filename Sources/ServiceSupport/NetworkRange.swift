package import ClusterModel
package import NIOCore

/// Addresses that begin with the same bits, written as CIDR (`10.0.0.0/8`, `fd00::/8`), or one
/// address alone.
package struct NetworkRange: Hashable, Sendable {
  private let bytes: [UInt8]
  /// How many bits of an address are compared.
  private let bits: Int

  /// - Throws: `InvalidValue` naming `it`.
  package init(_ text: String) throws(InvalidValue) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, text.utf8.count <= Limits.hostBytes,
      let address = try? SocketAddress(ipAddress: String(parts[0]), port: 0)
    else { throw InvalidValue(field: "it", complaint: "must be ADDRESS/BITS, as 10.0.0.0/8") }
    let bytes = Self.bytes(of: address)
    var bits = bytes.count * 8
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), parts[1].utf8.count <= 3,
        let number = Int(parts[1]), number <= bits
      else { throw InvalidValue(field: "it", complaint: "must end with 0 to \(bits) bits") }
      bits = number
    }
    (self.bytes, self.bits) = (bytes, bits)
    guard Self.cut(bytes, to: bits) == bytes else {
      throw InvalidValue(field: "it", complaint: "has bits set after the first \(bits)")
    }
  }

  package func contains(_ address: SocketAddress) -> Bool {
    let others = Self.bytes(of: address)
    return others.count == bytes.count && Self.cut(others, to: bits) == bytes
  }

  private static func cut(_ bytes: [UInt8], to bits: Int) -> [UInt8] {
    bytes.enumerated().map { place, byte in
      let kept = min(8, max(0, bits - place * 8))
      return kept == 0 ? 0 : byte & (0xFF << UInt8(8 - kept))
    }
  }

  /// 4 or 16 bytes. An IPv4 address in the form of IPv6 is an IPv4 address. None for a Unix socket.
  package static func bytes(of address: SocketAddress) -> [UInt8] {
    switch address {
    // After family and port (ip(7)).
    case .v4(let v4): return withUnsafeBytes(of: v4.address) { Array($0[4..<8]) }
    // After family, port and flow (ipv6(7)).
    case .v6(let v6):
      let all = withUnsafeBytes(of: v6.address) { Array($0[8..<24]) }
      let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
      return isMapped ? Array(all[12...]) : all
    case .unixDomainSocket: return []
    }
  }
}
