public import ClusterModel

/// The place where a balancer or an instance can be reached.
public enum Endpoint: Hashable, Sendable {
  /// A Unix socket; the path is absolute.
  case unix(path: String)
  case http(Address)
  case https(Address)

  /// The longest path of a Unix socket to which SwiftNIO connects, in bytes. The system itself
  /// accepts 107 (unix(7)).
  public static let longestSocketPath = 103

  /// Reads `unix:///PATH`, `http://HOST[:PORT]` or `https://HOST[:PORT]`. The default port is 2712.
  ///
  /// - Throws: `InvalidValue` naming the field `endpoint`.
  public init(_ text: String) throws(InvalidValue) {
    guard let (scheme, rest) = Self.split(text) else {
      throw InvalidValue(
        field: "endpoint", complaint: "must be unix:///PATH, http://HOST:PORT or https://HOST:PORT")
    }
    switch scheme {
    case "unix": self = .unix(path: try Self.checkedPath(String(rest)))
    case "http": self = .http(try Self.address(rest))
    case "https": self = .https(try Self.address(rest))
    default:
      throw InvalidValue(
        field: "endpoint", complaint: "has a scheme other than unix, http and https")
    }
  }

  private static func split(_ text: String) -> (scheme: String, rest: Substring)? {
    let bytes = text.utf8
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let after = text[bytes.index(after: colon)...]
    guard after.utf8.starts(with: "//".utf8) else { return nil }
    return (text[..<colon].lowercased(), Substring(after.utf8.dropFirst(2)))
  }

  private static func checkedPath(_ path: String) throws(InvalidValue) -> String {
    guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count > 1 else {
      throw InvalidValue(field: "endpoint", complaint: "needs an absolute path after unix://")
    }
    guard path.utf8.count <= longestSocketPath else {
      throw InvalidValue(
        field: "endpoint",
        complaint: "has a path of \(path.utf8.count) bytes, longer than the \(longestSocketPath) "
          + "that a Unix socket may have: \(PlainText.cleaned(path))")
    }
    guard !path.unicodeScalars.contains(where: PlainText.isForbidden) else {
      throw InvalidValue(field: "endpoint", complaint: "has a control character in its path")
    }
    return path
  }

  private static func address(_ text: Substring) throws(InvalidValue) -> Address {
    let bare = text.utf8.last == UInt8(ascii: "/") ? Substring(text.utf8.dropLast()) : text
    return try Address(String(bare), defaultPort: Address.defaultPort, field: "endpoint")
  }

  /// The endpoint of a program that listens on TCP.
  public init(_ address: Address, tls: Bool) {
    self = tls ? .https(address) : .http(address)
  }

  /// The part before the path, in a URL for AsyncHTTPClient.
  var urlPrefix: String {
    switch self {
    case .unix(let path): "http+unix://\(path.percentEncoded)"
    case .http(let address): "http://\(address)"
    case .https(let address): "https://\(address)"
    }
  }
}

extension Endpoint: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unix(let path): "unix://\(path)"
    case .http(let address): "http://\(address)"
    case .https(let address): "https://\(address)"
    }
  }
}

extension StringProtocol {
  /// The text as one segment of a URL's path, or as one value of its query: everything but
  /// unreserved characters (RFC 3986, section 2.3) is escaped.
  public var percentEncoded: String {
    var text: [UInt8] = []
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        text.append(byte)
      default:
        text.append(UInt8(ascii: "%"))
        for digit in [byte >> 4, byte & 15] {
          text.append(digit < 10 ? 48 + digit : 55 + digit)
        }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
