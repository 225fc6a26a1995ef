internal import ClusterModel
internal import NIOSSL
internal import SmallFiles

/// A certificate with its key, read from two files and checked: what a listener begins with.
struct CertificatePair {
  let chain: [NIOSSLCertificate]
  let key: NIOSSLPrivateKey
  let configuration: TLSConfiguration
  /// When each certificate of the chain is valid; the first one is the listener's own.
  let validities: [Validity]

  /// From when a certificate is valid, and until when.
  struct Validity {
    var beginsAt: Timestamp
    var expiresAt: Timestamp

    /// Why nobody trusts it at some time, as the end of a sentence that begins with it; nil: it is
    /// valid.
    func fault(at now: Timestamp) -> String? {
      if now < beginsAt { return "is valid from \(beginsAt) on: no client trusts it before" }
      return expiresAt <= now ? "expired at \(expiresAt): no client trusts it" : nil
    }
  }

  /// - Throws: `InvalidValue` naming the option and the file, never with what is in the key.
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

  /// Has one of our own clients shake hands with it, in memory: whatever clients cannot use is
  /// found out before one of them fails.
  private func tryOut(_ context: NIOSSLContext, certificateFile: String) throws(InvalidValue) {
    guard TLSTrial.succeeds(with: context, trusting: nil) else {
      throw InvalidValue(
        field: "--tls-certificate",
        complaint: "\(certificateFile) cannot be used by the clients of a cluster. "
          + CertificateDetails.advice)
    }
    // Where the file holds an authority as well, clients that trust it must be led to it. One
    // that is out of its time is warned of, and not refused.
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

  /// Most bytes of a file with a key or certificates.
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
    // Before the key is read: the library reads none of a kind that it does not know.
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

  /// Why a listener cannot use a certificate as its own, as the end of a sentence that begins with
  /// its file; nil: it can.
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
