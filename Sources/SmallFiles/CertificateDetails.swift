/// The key, the issuer and the use of a certificate, read from its DER (RFC 5280, section 4.1).
package struct CertificateDetails: Equatable, Sendable {
  /// Whether it names itself as its issuer.
  package let isSelfIssued: Bool
  /// The kind of its key if our clients cannot use it, such as `Ed25519`; otherwise nil.
  package let unusableKey: String?
  /// Why its key is too weak, as the end of a sentence that begins with the certificate; nil where
  /// it is not.
  package let weakKey: String?
  /// Why no client accepts it from a server, as the end of the same sentence; nil where clients do.
  package let unfitUse: String?

  package static let advice =
    "Make one with an ECDSA key on P-256 or P-384, or an RSA key of 2048 bits or more."
  /// A shorter RSA key can be broken (NIST SP 800-131A, revision 2, section 3).
  package static let leastRSABits = 2_048

  /// Nil where it cannot be read. Then the TLS library decides, which can read more.
  package init?(_ bytes: [UInt8]) {
    var whole = DERReader(bytes[...])
    guard var certificate = whole.enter(), var signed = certificate.enter() else { return nil }
    // The version, which is optional; serial number, signature
    if signed.nextTag == 0xA0 { _ = signed.nextElement() }
    guard signed.nextElement() != nil, signed.nextElement() != nil,
      let issuer = signed.nextElement(),
      signed.nextElement() != nil, let subject = signed.nextElement(), var key = signed.enter(),
      var algorithm = key.enter(), let name = algorithm.nextElement()
    else { return nil }
    isSelfIssued = issuer == subject
    unusableKey = Self.kind(name: Array(name), parameter: algorithm.nextElement().map { Array($0) })
    let bits = Array(name) == Self.rsa ? key.nextElement().flatMap(Self.rsaBits) : nil
    weakKey = bits.flatMap { bits in
      bits < Self.leastRSABits ? "has an RSA key of \(bits) bits, which can be broken" : nil
    }
    unfitUse = Self.extensions(in: &signed).lazy.compactMap(\.unfitUse).first
  }

  // MARK: Key

  /// Object identifiers in their encoding.
  private static let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
  private static let ellipticCurve: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
  private static let usableCurves: [[UInt8]] = [
    [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], [0x2B, 0x81, 0x04, 0x00, 0x22],
  ]
  private static let names: [(identifier: [UInt8], name: String)] = [
    ([0x2B, 0x65, 0x70], "Ed25519"), ([0x2B, 0x65, 0x71], "Ed448"),
    ([0x2B, 0x65, 0x6E], "X25519"), ([0x2B, 0x65, 0x6F], "X448"),
    ([0x2B, 0x81, 0x04, 0x00, 0x23], "ECDSA on P-521"),
    ([0x2B, 0x81, 0x04, 0x00, 0x0A], "ECDSA on secp256k1"),
    ([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A], "RSA-PSS"),
    ([0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01], "DSA"),
  ]

  private static func kind(name: [UInt8], parameter: [UInt8]?) -> String? {
    if name == rsa { return nil }
    guard name == ellipticCurve else {
      return names.first { $0.identifier == name }?.name ?? "that only few programs know"
    }
    guard let parameter, !usableCurves.contains(parameter) else { return nil }
    return names.first { $0.identifier == parameter }?.name ?? "ECDSA on another curve"
  }

  /// - Parameter key: A bit string that contains the modulus and the exponent.
  private static func rsaBits(_ key: ArraySlice<UInt8>) -> Int? {
    var reader = DERReader(key.dropFirst())
    guard var numbers = reader.enter(), let modulus = numbers.nextElement() else { return nil }
    let digits = modulus.drop { $0 == 0 }
    return digits.first.map { digits.count * 8 - $0.leadingZeroBitCount }
  }

  // MARK: Extensions

  private static func extensions(in signed: inout DERReader) -> [Extension] {
    // The unique ids of issuer and subject, which are optional
    while signed.nextTag == 0x81 || signed.nextTag == 0x82 { _ = signed.nextElement() }
    guard signed.nextTag == 0xA3, var outer = signed.enter(), var list = outer.enter() else {
      return []
    }
    var extensions: [Extension] = []
    while var item = list.enter(), let name = item.nextElement() {
      var isCritical = false
      if item.nextTag == 0x01 { isCritical = item.nextElement()?.first != 0 }
      guard let value = item.nextElement() else { break }
      extensions.append(Extension(name: Array(name), isCritical: isCritical, value: value))
    }
    return extensions
  }
}

/// One extension of a certificate (RFC 5280, section 4.2).
private struct Extension {
  var name: [UInt8]
  var isCritical: Bool
  var value: ArraySlice<UInt8>

  private static let keyUsage: [UInt8] = [0x55, 0x1D, 0x0F]
  private static let extendedKeyUsage: [UInt8] = [0x55, 0x1D, 0x25]
  private static let server: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]
  /// The extensions that our clients' TLS understands. Any other critical extension makes it
  /// refuse.
  private static let known: Set<[UInt8]> = [
    keyUsage, extendedKeyUsage, [0x55, 0x1D, 0x11], [0x55, 0x1D, 0x13], [0x55, 0x1D, 0x1E],
    [0x55, 0x1D, 0x20], [0x55, 0x1D, 0x21], [0x55, 0x1D, 0x24], [0x55, 0x1D, 0x36],
    [0x60, 0x86, 0x48, 0x01, 0x86, 0xF8, 0x42, 0x01, 0x01],
  ]

  var unfitUse: String? {
    switch name {
    case Self.keyUsage:
      var reader = DERReader(value)
      // First the number of unused bits, then the bits. The first bit is digitalSignature.
      let isSigner = reader.nextElement().map { ($0.dropFirst().first ?? 0) & 0x80 != 0 } ?? true
      return isSigner
        ? nil : "does not allow digital signatures (keyUsage), without which TLS cannot use it"
    case Self.extendedKeyUsage:
      var reader = DERReader(value)
      guard var uses = reader.enter() else { return nil }
      while let use = uses.nextElement() { if Array(use) == Self.server { return nil } }
      return "is not for servers (extendedKeyUsage without serverAuth), so clients refuse it"
    default:
      guard isCritical, !Self.known.contains(name) else { return nil }
      return "has a critical extension that clients do not know (\(Self.dotted(name)))"
    }
  }

  /// Such as `1.2.840.10045`, from its encoding.
  private static func dotted(_ bytes: [UInt8]) -> String {
    var (numbers, number): ([UInt64], UInt64) = ([], 0)
    for byte in bytes.prefix(64) {
      number = (number &<< 7) | UInt64(byte & 0x7F)
      guard byte & 0x80 == 0 else { continue }
      if numbers.isEmpty {
        let first = min(number / 40, 2)
        numbers = [first, number - 40 * first]
      } else {
        numbers.append(number)
      }
      number = 0
    }
    return numbers.map(String.init).joined(separator: ".")
  }
}

/// Reads elements of DER one after the other: tag, length, contents.
private struct DERReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var nextTag: UInt8? { rest.first }

  /// The contents of the next element; nil where there is none, or its length exceeds the rest.
  mutating func nextElement() -> ArraySlice<UInt8>? {
    guard rest.popFirst() != nil, let first = rest.popFirst() else { return nil }
    var length = Int(first)
    if first & 0x80 != 0 {
      length = 0
      guard (1...4).contains(first & 0x7F) else { return nil }
      for _ in 0..<(first & 0x7F) {
        guard let byte = rest.popFirst() else { return nil }
        length = length << 8 | Int(byte)
      }
    }
    guard length <= rest.count else { return nil }
    defer { rest = rest.dropFirst(length) }
    return rest.prefix(length)
  }

  /// A reader for the contents of the next element.
  mutating func enter() -> DERReader? { nextElement().map { DERReader($0) } }
}
