internal import NIOSSL

/// What a certificate says of its key and its issuer, read from its DER (RFC 5280, section 4.1).
struct CertificateDetails {
  /// It names itself as its issuer.
  let isSelfIssued: Bool
  /// The kind of its key where our clients cannot use that; nil where they can.
  let unusableKey: String?

  static let advice =
    "Make one with an ECDSA key on P-256 or P-384, or an RSA key of 2048 bits or more."

  /// Nil where it cannot be read; the library, which reads more than this, decides then.
  init?(_ certificate: NIOSSLCertificate) {
    guard let bytes = try? certificate.toDERBytes() else { return nil }
    self.init(bytes)
  }

  init?(_ bytes: [UInt8]) {
    var whole = DERReader(bytes[...])
    guard var certificate = whole.enter(), var signed = certificate.enter() else { return nil }
    // version, where it is there; serial number, signature
    if signed.nextTag == 0xA0 { _ = signed.take() }
    guard signed.take() != nil, signed.take() != nil, let issuer = signed.take(),
      signed.take() != nil, let subject = signed.take(), var key = signed.enter(),
      var algorithm = key.enter(), let name = algorithm.take()
    else { return nil }
    isSelfIssued = issuer == subject
    unusableKey = Self.kind(name: Array(name), parameter: algorithm.take().map { Array($0) })
  }

  /// Object identifiers, as they are encoded.
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
}

/// Reads elements of DER one after the other: tag, length, contents.
private struct DERReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var nextTag: UInt8? { rest.first }

  /// The contents of the next element; nil where there is none, or it is longer than what is left.
  mutating func take() -> ArraySlice<UInt8>? {
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

  /// A reader of what is in the next element.
  mutating func enter() -> DERReader? { take().map { DERReader($0) } }
}
