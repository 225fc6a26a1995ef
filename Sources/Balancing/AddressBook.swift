internal import ClusterModel

/// The results of host name lookups, so that `localhost:2713` and `127.0.0.1:2713` are recognised
/// as one address. The shell around the balancer looks names up; without that, addresses are
/// compared as text.
package struct AddressBook: Equatable, Sendable {
  /// For each host as an address spells it: all its spellings and numbers.
  package var places: [String: Set<String>]

  package init(places: [String: Set<String>] = [:]) {
    self.places = places
  }

  /// Whether both addresses lead to the same port of one host, as far as is known.
  func isSame(_ one: Address, _ other: Address) -> Bool {
    guard one.port == other.port else { return false }
    guard one.host != other.host else { return true }
    if Self.standsForItself(one.host), Self.standsForItself(other.host) { return false }
    let places = places[one.host] ?? [one.host]
    return !places.isDisjoint(with: self.places[other.host] ?? [other.host])
  }

  /// An IPv4 address in its plain spelling: nothing has to be looked up of it, as of most hosts of
  /// a cluster of thousands.
  static func standsForItself(_ host: String) -> Bool {
    var (parts, digits, number) = (0, 0, 0)
    for byte in host.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if digits > 0, number == 0 { return false }
        number = number * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
        if number > 255 { return false }
      case UInt8(ascii: ".") where digits > 0: (parts, digits, number) = (parts + 1, 0, 0)
      default: return false
      }
    }
    return parts == 3 && digits > 0
  }

  /// Whether it names no single machine but whichever machine reads it (`0.0.0.0`, `::`), or a
  /// group of machines.
  func isShared(_ address: Address) -> Bool {
    let places = (places[address.host] ?? []).union([address.host])
    return places.contains { $0.contains(":") ? Self.isSharedV6($0) : Self.isSharedV4($0) }
  }

  private static func isSharedV6(_ host: String) -> Bool {
    let text = host.prefix { $0 != "%" }.lowercased()
    let first = text.prefix { $0 != ":" }
    if first.count == 4, first.hasPrefix("ff") { return true }
    // All zeros, including an IPv4 address inside.
    let rest = text.drop { "0:".contains($0) }
    return (rest.hasPrefix("ffff:") ? rest.dropFirst(5) : rest).allSatisfy { "0:.".contains($0) }
  }

  /// In all forms of an IPv4 address that systems accept: `0`, `0x0.0`, `224.1`.
  private static func isSharedV4(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
    guard (1...4).contains(parts.count), let first = parts[0], !parts.contains(nil) else {
      return false
    }
    let network = parts.count == 1 ? first >> 24 : first
    return network == 0 || network >= 224
  }

  private static func number(_ text: Substring) -> UInt64? {
    if text.lowercased().hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
    return UInt64(text, radix: text.count > 1 && text.hasPrefix("0") ? 8 : 10)
  }
}
