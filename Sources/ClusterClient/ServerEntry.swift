public import ClusterModel

/// One server of a client's configuration: `[instance@]host[:port]`.
public struct ServerEntry: Hashable, Sendable {
  /// For show: which instance the writer meant. What answers at the address counts.
  public var instance: String?
  /// Port 2712 where none is named.
  public var address: Address
  /// Port for web services, from the parallel list of an `.axc` file. For show.
  public var wsdlPort: Int?

  public init(instance: String? = nil, address: Address, wsdlPort: Int? = nil) {
    self.instance = instance
    self.address = address
    self.wsdlPort = wsdlPort
  }

  /// Reads one entry.
  ///
  /// - Parameter field: How the entry is called in an error, such as `entry 2`.
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
      throw InvalidValue(field: field, complaint: "has a comma; ';' stands between servers")
    }
    if Self.hasTwoPorts(rest) {
      throw InvalidValue(
        field: field, complaint: "has two ports; ports for web services belong in wsdlport")
    }
    address = try Address(rest, defaultPort: Address.defaultPort, field: field)
  }

  /// Reads one entry as the tools of Dynamics AX write it: `@host:port` where there is no name of
  /// an instance, and `host:` where there is no port.
  ///
  /// - Throws: `InvalidValue` naming `field`.
  init(exported text: Substring, field: String) throws(InvalidValue) {
    var text = text
    if text.first == "@" { text = text.dropFirst() }
    if text.last == ":" { text = text.dropLast() }
    try self.init(text, field: field)
  }

  /// `host:2712:8101`, which is often written and never right.
  private static func hasTwoPorts(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 3 && !parts[0].isEmpty
      && parts[1...].allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
  }

  /// Reads entries separated by `;`. One at the end closes the last entry.
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

  /// The parts between semicolons without blanks around them, an empty last one left out.
  static func parts(of text: some StringProtocol) -> [Substring] {
    var parts = String(text).split(separator: ";", omittingEmptySubsequences: false)
      .map { $0.trimmed }
    if parts.last?.isEmpty == true { parts.removeLast() }
    return parts
  }
}

extension ServerEntry: CustomStringConvertible {
  /// As it stands in a configuration, the port always named.
  public var description: String { (instance.map { "\($0)@" } ?? "") + "\(address)" }
}

extension Substring {
  /// Without blanks at both ends: spaces, tabs, and the spaces that do not break, which come along
  /// when a line is copied from a web page.
  var trimmed: Substring {
    let blanks: Set<Unicode.Scalar> = [" ", "\t", "\u{A0}", "\u{2007}", "\u{202F}"]
    var scalars = unicodeScalars
    while let first = scalars.first, blanks.contains(first) { scalars = scalars.dropFirst() }
    while let last = scalars.last, blanks.contains(last) { scalars = scalars.dropLast() }
    return Substring(scalars)
  }
}
