/// The address at which a program listens: `host:port`. An IPv6 host is in brackets: `[::1]:2712`.
public struct Address: Hashable, Sendable {
  /// Name or number of the host, without brackets.
  public let host: String
  /// TCP port, 1 to 65,535.
  public let port: Int

  /// The TCP port of an instance when none is named (TechNet, "Change AOS ports").
  public static let defaultPort = 2712

  /// - Throws: `InvalidValue` naming `field`.
  public init(host: String, port: Int, field: String = "address") throws(InvalidValue) {
    guard (1...Limits.hostBytes).contains(host.utf8.count), host.utf8.allSatisfy(isHostByte) else {
      throw InvalidValue(field: field, complaint: "has a host with characters no host can have")
    }
    guard (1...65_535).contains(port) else {
      throw InvalidValue(field: field, complaint: "has a port outside 1 to 65535")
    }
    self.host = host
    self.port = port
  }

  /// Reads `host:port`, `[v6]:port` and, where `defaultPort` is given, a host alone.
  ///
  /// - Throws: `InvalidValue` naming `field`.
  public init(
    _ text: String, defaultPort: Int? = nil, field: String = "address"
  ) throws(InvalidValue) {
    let (host, rest) = try Address.split(text, field: field)
    let port: Int
    if rest.isEmpty {
      guard let defaultPort else {
        throw InvalidValue(field: field, complaint: "must be HOST:PORT")
      }
      port = defaultPort
    } else {
      let digits = rest.dropFirst()
      guard rest.first == ":", !digits.isEmpty,
        digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
      else { throw InvalidValue(field: field, complaint: "has a port that is not a number") }
      guard digits.utf8.count <= 5, let number = Int(digits) else {
        throw InvalidValue(field: field, complaint: "has a port outside 1 to 65535")
      }
      port = number
    }
    try self.init(host: host, port: port, field: field)
  }

  /// The host, and the rest after it: nothing or `:port`.
  private static func split(
    _ text: String, field: String
  ) throws(InvalidValue) -> (host: String, rest: Substring) {
    // People copy such addresses from a browser. Report the scheme before its colon is read as the
    // end of the host.
    if let scheme = scheme(of: text) {
      throw InvalidValue(field: field, complaint: "must be HOST:PORT, without \(scheme)://")
    }
    for (sign, name) in [("/", "path"), ("?", "query"), ("#", "fragment")]
    where text.contains(sign) {
      throw InvalidValue(field: field, complaint: "must be HOST:PORT, without a \(name)")
    }
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else {
        throw InvalidValue(field: field, complaint: "has no closing bracket")
      }
      let host = text[text.index(after: text.startIndex)..<end]
      return (String(host), text[text.index(after: end)...])
    }
    guard let colon = text.firstIndex(of: ":") else { return (text, "") }
    guard text.lastIndex(of: ":") == colon else {
      throw InvalidValue(field: field, complaint: "needs brackets around an IPv6 host")
    }
    return (String(text[..<colon]), text[colon...])
  }
}

extension Address {
  /// The scheme, such as `https` of `https://host`; nil where the text does not begin with a scheme
  /// of a few letters.
  package static func scheme(of text: some StringProtocol) -> String? {
    let letters = text.utf8.prefix { isLetterOrDigit($0) }
    let rest = text.utf8.dropFirst(letters.count)
    guard (1...16).contains(letters.count), rest.starts(with: "://".utf8) else { return nil }
    return String(text.prefix(letters.count))
  }
}

extension Address {
  /// Who listens on this host listens on every address of the machine: none to tell others.
  package static func isWildcard(_ host: String) -> Bool {
    ["0.0.0.0", "::", "0", "*"].contains(host)
  }
}

extension Address: CustomStringConvertible {
  public var description: String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

extension Address: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do { try self.init(text) } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.plainWords)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

private func isHostByte(_ byte: UInt8) -> Bool {
  isLetterOrDigit(byte) || ".-_:%".utf8.contains(byte)
}
