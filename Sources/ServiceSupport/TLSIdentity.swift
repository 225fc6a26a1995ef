package import ClusterModel
internal import NIOSSL
internal import SmallFiles

/// The certificate and the key by which a listener speaks TLS.
package struct TLSIdentity: Sendable {
  let configuration: TLSConfiguration
  /// When the listener's own certificate ends.
  package let expiresAt: Timestamp

  /// Reads both, and makes sure that they belong together.
  ///
  /// - Parameters:
  ///   - certificateFile: PEM; the listener's own certificate first, then those that lead to an
  ///     authority.
  ///   - keyFile: PEM; not open to everybody on the machine.
  /// - Throws: `InvalidValue` naming the option and the file, never with what is in the key.
  package init(certificateFile: String, keyFile: String) throws(InvalidValue) {
    let chain = try Self.certificates(certificateFile)
    let key = try Self.key(keyFile)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    do { _ = try NIOSSLContext(configuration: configuration) } catch {
      throw InvalidValue(
        field: "--tls-key", complaint: "\(keyFile) is not the key of \(certificateFile)")
    }
    self.configuration = configuration
    expiresAt = Timestamp(milliseconds: Int64(chain[0].notValidAfter) * 1_000)
  }

  /// A word for the log where the certificate has ended, or ends soon; nil where it does not.
  package func warning(at now: Timestamp) -> String? {
    let days = (expiresAt.milliseconds - now.milliseconds) / 86_400_000
    if expiresAt <= now { return "The TLS certificate has ended, and nobody believes it" }
    return days < 30 ? "The TLS certificate ends in \(days) days" : nil
  }

  private static func certificates(_ path: String) throws(InvalidValue) -> [NIOSSLCertificate] {
    let file = try Self.file(path, "--tls-certificate")
    guard let chain = try? NIOSSLCertificate.fromPEMBytes(Array(file.text.utf8)), !chain.isEmpty
    else {
      throw InvalidValue(
        field: "--tls-certificate", complaint: "\(path) holds no certificate in PEM")
    }
    return chain
  }

  private static func key(_ path: String) throws(InvalidValue) -> NIOSSLPrivateKey {
    let file = try Self.file(path, "--tls-key", isSecret: true)
    guard let key = try? NIOSSLPrivateKey(bytes: Array(file.text.utf8), format: .pem) else {
      throw InvalidValue(
        field: "--tls-key", complaint: "\(path) holds no key in PEM, or one with a password")
    }
    return key
  }

  /// Most bytes of a file with a key or certificates.
  private static let longest = 1 << 20

  private static func file(
    _ path: String, _ field: String, isSecret: Bool = false
  ) throws(InvalidValue) -> SmallFile {
    do throws(SmallFile.Fault) {
      return try SmallFile(path, atMost: longest, isSecret: isSecret)
    } catch {
      throw InvalidValue(field: field, complaint: "\(error)")
    }
  }
}
