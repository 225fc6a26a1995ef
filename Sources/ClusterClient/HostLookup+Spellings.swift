internal import Glibc

/// The spellings of hosts, and the system's answers about them.
extension HostLookup {
  static func plain(_ host: String) -> String {
    let lower = host.lowercased()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }

  /// The only spelling of a number; nil for a name. An IPv4 address inside IPv6 becomes the IPv4
  /// address.
  package static func number(_ host: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, host, &bytes) == 1 { return text(AF_INET, bytes) }
    let scope = host.firstIndex(of: "%").map { host[$0...] } ?? ""
    guard inet_pton(AF_INET6, String(host.dropLast(scope.count)), &bytes) == 1 else { return nil }
    let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
    if isMapped { return text(AF_INET, Array(bytes[12...])) }
    return text(AF_INET6, bytes).map { $0 + scope }
  }

  private static func text(_ family: Int32, _ bytes: [UInt8]) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The numbers of the host as the system resolves it, in the order of RFC 6724. Blocks meanwhile.
  package static func system(_ host: String) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
    defer { freeaddrinfo(first) }
    var places: [String] = []
    var next = first
    while let entry = next {
      var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let isRead = getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0,
        NI_NUMERICHOST)
      let bytes = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      if isRead == 0, let number = number(String(decoding: bytes, as: UTF8.self)),
        !places.contains(number)
      {
        places.append(number)
      }
      next = entry.pointee.ai_next
    }
    return places
  }
}
