public import ClusterModel

/// One server of a client's configuration: `[instance@]host[:port]`.
public struct ServerEntry: Hashable, Sendable {
  /// The instance that the writer meant, for display. Whatever answers at the address is used.
  public var instance: String?
  /// The address. The default port is 2712.
  public var address: Address
  /// The port for web services, from the parallel list of an `.axc` file; for display.
  public var wsdlPort: Int?

  public init(instance: String? = nil, address: Address, wsdlPort: Int? = nil) {
    self.instance = instance
    self.address = address
    self.wsdlPort = wsdlPort
  }

  /// Reads one entry.
  ///
  /// - Parameters:
  ///   - text: The entry.
  ///   - field: The name of the entry in an error, such as `entry 2`.
  /// - Throws: `InvalidValue` naming `field`.
  public init(_ text: some StringProtocol, field: String = "entry") throws(InvalidValue) {
    if let scheme = Address.scheme(of: text) {
      throw InvalidValue(
        field: field, complaint: "must be [INSTANCE@]HOST[:PORT], without \(scheme)://")
    }
    var rest = String(text)
    if let at = rest.utf8.firstIndex(of: UInt8(ascii: "@")) {
      let name = String(rest[..<at].trimmed)
      guard !name.isEmpty else {
        throw InvalidValue(field: field, complaint: "has no instance name before '@'")
      }
      instance = try PlainText.checked(name, field: field)
      rest = String(rest[rest.utf8.index(after: at)...].trimmed)
    }
    guard !rest.isEmpty else { throw InvalidValue(field: field, complaint: "has no host") }
    guard !rest.contains(",") else {
      throw InvalidValue(field: field, complaint: "has a comma; separate servers with ';'")
    }
    if Self.hasTwoPorts(rest) {
      throw InvalidValue(
        field: field, complaint: "has two ports; ports for web services belong in wsdlport")
    }
    address = try Address(rest, defaultPort: Address.defaultPort, field: field)
  }

  /// Reads one entry as the tools of Dynamics AX write it: `@host:port` without the name of an
  /// instance, and `host:` without a port.
  ///
  /// - Throws: `InvalidValue` naming `field`.
  init(exported text: Substring, field: String) throws(InvalidValue) {
    var text = text
    if text.first == "@" { text = text.dropFirst() }
    if text.last == ":" { text = text.dropLast() }
    try self.init(text, field: field)
  }

  /// Whether it is like `host:2712:8101`, a common mistake.
  private static func hasTwoPorts(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 3 && !parts[0].isEmpty
      && parts[1...].allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
  }

  /// Reads entries separated by `;`. There may be one at the end.
  ///
  /// - Throws: `InvalidValue` for the first faulty entry, naming its number.
  public static func list(_ text: some StringProtocol) throws(InvalidValue) -> [ServerEntry] {
    var entries: [ServerEntry] = []
    for (place, part) in parts(of: text).enumerated() {
      let field = "entry \(place + 1)"
      guard !part.isEmpty else { throw InvalidValue(field: field, complaint: "is empty") }
      entries.append(try ServerEntry(part, field: field))
    }
    guard !entries.isEmpty else {
      throw InvalidValue(field: "the list", complaint: "names no server")
    }
    return entries
  }

  /// The parts between semicolons, without blanks around them and without an empty last one.
  static func parts(of text: some StringProtocol) -> [Substring] {
    var parts = String(text).split(separator: ";", omittingEmptySubsequences: false)
      .map { $0.trimmed }
    if parts.last?.isEmpty == true { parts.removeLast() }
    return parts
  }
}

extension ServerEntry: CustomStringConvertible {
  /// The entry as in a configuration, always with the port.
  public var description: String { (instance.map { "\($0)@" } ?? "") + "\(address)" }
}

extension Substring {
  /// The text without blanks at both ends: spaces, tabs, and non-breaking spaces, which a line
  /// copied from a web page may have.
  var trimmed: Substring {
    let blanks: Set<Unicode.Scalar> = [" ", "\t", "\u{A0}", "\u{2007}", "\u{202F}"]
    var scalars = unicodeScalars
    while let first = scalars.first, blanks.contains(first) { scalars = scalars.dropFirst() }
    while let last = scalars.last, blanks.contains(last) { scalars = scalars.dropLast() }
    return Substring(scalars)
  }
}
