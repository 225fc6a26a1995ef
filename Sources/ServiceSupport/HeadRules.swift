internal import ClusterAPI
internal import NIOHTTP1

/// The fields in the head of a request that HTTP itself uses, found in one pass.
struct HeadFields: Equatable {
  var hosts: [String] = []
  /// A list. It may be divided into several fields and have empty elements (RFC 9110, 5.6.1).
  var expectations: [String] = []
  var transferEncodings: [String] = []
  /// The length of the body, where the head names it. The decoder accepts one such field with a
  /// number.
  var contentLength = 0
  /// Whether something other than HTTP follows the request, as far as the decoder knows.
  var leavesHTTP: Bool
  /// Whether a web page sends it.
  var hasOrigin = false

  /// Whether it has a body of known length and no expectations, and comes from no web page.
  var isPlain: Bool {
    expectations.isEmpty && transferEncodings.isEmpty && !leavesHTTP && !hasOrigin
  }

  init(_ head: HTTPRequestHead) {
    leavesHTTP = head.method == .CONNECT
    for (name, value) in head.headers {
      // The length is compared first, since most fields are none of these.
      switch name.utf8.count {
      case 4 where name.lowercased() == "host": hosts.append(value)
      case 6 where name.lowercased() == "expect":
        expectations += value.split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init)
      case 6 where name.lowercased() == "origin": hasOrigin = true
      case 7 where name.lowercased() == "upgrade": leavesHTTP = true
      case 14 where name.lowercased() == "content-length": contentLength = Int(value) ?? 0
      case 17 where name.lowercased() == "transfer-encoding": transferEncodings.append(value)
      default: break
      }
    }
  }
}

extension HTTPVersion {
  /// The decoder accepts no other version before 1.1.
  var isHTTP10: Bool { major == 1 && minor == 0 }
}

/// The rules for a head, so that every program on its way reads the same request from the same
/// bytes (RFC 9110, RFC 9112). The decoder itself refuses two lengths, or a length with chunks.
enum HeadRules {
  /// Why a request is refused; nil where it is accepted.
  ///
  /// - Parameters:
  ///   - isLocal: Whether it came over the Unix socket, where there is no host to name: clients of
  ///     that socket often send none, for example those of the first release.
  ///   - takesConnect: Whether the listener answers `CONNECT`.
  static func refusal(
    of head: HTTPRequestHead, _ fields: HeadFields, isLocal: Bool, takesConnect: Bool = false
  ) -> Problem? {
    hostRefusal(fields.hosts, isRequired: !head.version.isHTTP10 && !isLocal)
      ?? framingRefusal(fields.transferEncodings, head.version)
      ?? expectationRefusal(fields.expectations)
      ?? connectRefusal(head.method, fields, isTaken: takesConnect)
  }

  /// HTTP/1.1 requires exactly one. HTTP/1.0, as nc, socat and HAProxy's checks speak it, has none.
  private static func hostRefusal(_ hosts: [String], isRequired: Bool) -> Problem? {
    guard let host = hosts.first else {
      guard isRequired else { return nil }
      return Problem(.invalidRequest, "The header Host is missing; HTTP/1.1 requires it.")
    }
    guard hosts.count == 1 else {
      return Problem(.invalidRequest, "The header Host is given more than once.")
    }
    guard isHost(host) else {
      return Problem(.invalidRequest, "The header Host is neither HOST nor HOST:PORT.")
    }
    return nil
  }

  private static func framingRefusal(_ encodings: [String], _ version: HTTPVersion) -> Problem? {
    guard !encodings.isEmpty else { return nil }
    guard !version.isHTTP10 else {
      return Problem(.invalidRequest, "HTTP/1.0 has no Transfer-Encoding.")
    }
    guard encodings.count == 1, encodings[0].lowercased() == "chunked" else {
      return Problem(.invalidRequest, "Transfer-Encoding must be chunked, once.")
    }
    return nil
  }

  private static func expectationRefusal(_ expectations: [String]) -> Problem? {
    guard expectations.contains(where: { $0.lowercased() != "100-continue" }) else { return nil }
    return Problem(
      .expectationFailed, "Expect: 100-continue is the only expectation that is supported.")
  }

  /// Everything after the head of a `CONNECT` belongs to the tunnel. Some programs would read a
  /// body as part of it, and others would not.
  private static func connectRefusal(
    _ method: HTTPMethod, _ fields: HeadFields, isTaken: Bool
  ) -> Problem? {
    guard method == .CONNECT else { return nil }
    guard isTaken else {
      return Problem(.methodNotAllowed, "This is not a proxy.", allowedMethods: [])
    }
    guard fields.contentLength > 0 || !fields.transferEncodings.isEmpty else { return nil }
    return Problem(.invalidRequest, "CONNECT has no body.")
  }

  /// Whether this is a host with or without a port, as in RFC 3986 (section 3.2.2). It is empty
  /// where the client's address has no host.
  static func isHost(_ text: String) -> Bool {
    var rest = Substring(text).utf8
    if rest.first == UInt8(ascii: "[") {
      guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
      let literal = rest[rest.index(after: rest.startIndex)..<end]
      guard !literal.isEmpty, literal.allSatisfy(isOfLiteral) else { return false }
      rest = rest[rest.index(after: end)...]
    } else {
      let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
      guard rest[..<end].allSatisfy(isOfName) else { return false }
      rest = rest[end...]
    }
    guard !rest.isEmpty else { return true }
    guard rest.first == UInt8(ascii: ":"), rest.count <= 6 else { return false }
    let digits = rest.dropFirst()
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return false
    }
    return digits.isEmpty || UInt16(Substring(digits)) != nil
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "-._~!$&'()*+,;=%".utf8.contains(byte)
  }

  private static func isOfLiteral(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || ":.%-_~".utf8.contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
