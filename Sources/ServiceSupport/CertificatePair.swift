internal import ClusterModel
internal import NIOSSL
internal import SmallFiles

/// A certificate and its key, read from two files and checked, for the start of a listener.
struct CertificatePair {
  let chain: [NIOSSLCertificate]
  let key: NIOSSLPrivateKey
  let configuration: TLSConfiguration
  /// When each certificate of the chain is valid. The first one is the listener's own.
  let validities: [Validity]

  /// The times between which a certificate is valid.
  struct Validity {
    var beginsAt: Timestamp
    var expiresAt: Timestamp

    /// Why clients do not trust it at this time, as the end of a sentence that begins with it; nil
    /// where it is valid.
    func fault(at now: Timestamp) -> String? {
      if now < beginsAt { return "is valid from \(beginsAt): no client trusts it before that" }
      return expiresAt <= now ? "expired at \(expiresAt): no client trusts it" : nil
    }
  }

  /// - Throws: `InvalidValue` naming the option and the file, never with contents of the key.
  init(certificateFile: String, keyFile: String) throws(InvalidValue) {
    let chain = try Self.certificates(certificateFile)
    let key = try Self.key(keyFile)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    let context: NIOSSLContext
    do { context = try NIOSSLContext(configuration: configuration) } catch {
      throw InvalidValue(
        field: "--tls-key", complaint: "\(keyFile) is not the key of \(certificateFile)")
    }
    (self.chain, self.key, self.configuration) = (chain, key, configuration)
    validities = chain.map { certificate in
      Validity(
        beginsAt: Timestamp(milliseconds: Int64(certificate.notValidBefore) * 1_000),
        expiresAt: Timestamp(milliseconds: Int64(certificate.notValidAfter) * 1_000))
    }
    try tryOut(context, certificateFile: certificateFile)
  }

  var override: NIOSSLContextConfigurationOverride {
    var override = NIOSSLContextConfigurationOverride()
    override.certificateChain = chain.map { .certificate($0) }
    override.privateKey = .privateKey(key)
    return override
  }

  // MARK: Use

  /// Makes one of our own clients shake hands with it in memory. So a certificate that clients
  /// cannot use is found before a client fails.
  private func tryOut(_ context: NIOSSLContext, certificateFile: String) throws(InvalidValue) {
    guard TLSTrial.succeeds(with: context, trusting: nil) else {
      throw InvalidValue(
        field: "--tls-certificate",
        complaint: "\(certificateFile) cannot be used by the clients of a cluster. "
          + CertificateDetails.advice)
    }
    // If the file contains an authority as well, the chain must lead clients that trust it there.
    // An expired certificate causes a warning and is not refused.
    let authorities = chain.filter { $0.details?.isSelfIssued == true }
    let now = SystemClock.now
    let areValid = validities.allSatisfy { $0.fault(at: now) == nil }
    guard !authorities.isEmpty, areValid else { return }
    guard TLSTrial.succeeds(with: context, trusting: authorities) else {
      throw InvalidValue(
        field: "--tls-certificate",
        complaint: "the certificates in \(certificateFile) do not lead from the first one, which "
          + "must be for a server, to the authority: clients refuse them")
    }
  }

  // MARK: Files

  /// The most bytes of a file with a key or certificates.
  private static let longest = 1 << 20

  private static func certificates(_ path: String) throws(InvalidValue) -> [NIOSSLCertificate] {
    let text = try SmallFile(
      path, as: .publicKey, field: "--tls-certificate", atMost: longest
    ).text
    let chain = try? NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
    guard let chain, let own = chain.first else {
      throw InvalidValue(
        field: "--tls-certificate", complaint: "\(path) holds no certificate in PEM")
    }
    // This comes before the key is read, since the library cannot read keys of unknown kinds.
    if let complaint = own.details.flatMap(Self.complaint(about:)) {
      throw InvalidValue(field: "--tls-certificate", complaint: "\(path) \(complaint)")
    }
    for (place, certificate) in chain.enumerated().dropFirst() {
      guard let weakness = certificate.details?.weakKey else { continue }
      throw InvalidValue(
        field: "--tls-certificate",
        complaint: "\(path): certificate \(place + 1) in it \(weakness). "
          + CertificateDetails.advice)
    }
    return chain
  }

  /// Why a listener cannot use this certificate as its own, as the end of a sentence that begins
  /// with its file; nil where it can.
  private static func complaint(about own: CertificateDetails) -> String? {
    if let kind = own.unusableKey {
      return "has a key of the kind \(kind), which the clients of a cluster cannot use. "
        + CertificateDetails.advice
    }
    if let weakness = own.weakKey { return "\(weakness). " + CertificateDetails.advice }
    return own.unfitUse.map { "\($0). Ask for a certificate of a TLS server." }
  }

  private static func key(_ path: String) throws(InvalidValue) -> NIOSSLPrivateKey {
    let text = try SmallFile(path, as: .privateKey, field: "--tls-key", atMost: longest).text
    guard let key = try? NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem) else {
      throw InvalidValue(
        field: "--tls-key", complaint: "\(path) holds no key in PEM, or one with a password")
    }
    return key
  }
}

extension NIOSSLCertificate {
  /// Nil where it cannot be read.
  fileprivate var details: CertificateDetails? {
    (try? toDERBytes()).flatMap { CertificateDetails($0) }
  }
}
