package import ClusterModel
internal import Glibc
internal import NIOSSL

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
    try readable(path, "--tls-certificate")
    guard let chain = try? NIOSSLCertificate.fromPEMFile(path), !chain.isEmpty else {
      throw InvalidValue(
        field: "--tls-certificate", complaint: "\(path) holds no certificate in PEM")
    }
    return chain
  }

  private static func key(_ path: String) throws(InvalidValue) -> NIOSSLPrivateKey {
    try readable(path, "--tls-key")
    var info = stat()
    if stat(path, &info) == 0, info.st_mode & 0o007 != 0 {
      throw InvalidValue(
        field: "--tls-key",
        complaint: "\(path) is open to everybody on this machine; chmod 600 \(path)")
    }
    guard let key = try? NIOSSLPrivateKey(file: path, format: .pem) else {
      throw InvalidValue(
        field: "--tls-key", complaint: "\(path) holds no key in PEM, or one with a password")
    }
    return key
  }

  private static func readable(_ path: String, _ field: String) throws(InvalidValue) {
    guard access(path, R_OK) != 0 else { return }
    throw InvalidValue(
      field: field, complaint: "cannot read \(path): \(String(cString: strerror(errno)))")
  }
}
