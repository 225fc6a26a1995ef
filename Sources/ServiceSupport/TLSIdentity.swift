package import ClusterModel
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The certificate and the key by which a listener speaks TLS. Both may be read again while it
/// listens: connections that stand keep what they began with, new ones get the new certificate.
package struct TLSIdentity: Sendable {
  /// For a listener. It asks for the newest certificate with each connection.
  let configuration: TLSConfiguration
  package let certificateFile: String
  package let keyFile: String
  private let current: Current

  /// What was read last, for connections to come.
  private final class Current: Sendable {
    struct Value {
      var expiresAt: Timestamp
      var beginsAt: Timestamp
      /// Nil until the files were read again: the listener has what it began with.
      var override: NIOSSLContextConfigurationOverride?
    }

    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
  }

  /// Reads both, and makes sure that they belong together and that clients can use them.
  ///
  /// - Parameters:
  ///   - certificateFile: PEM; the listener's own certificate first, then those that lead to an
  ///     authority.
  ///   - keyFile: PEM; not open to everybody on the machine.
  /// - Throws: `InvalidValue` naming the option and the file, never with what is in the key.
  package init(certificateFile: String, keyFile: String) throws(InvalidValue) {
    let pair = try CertificatePair(certificateFile: certificateFile, keyFile: keyFile)
    let current = Current(.init(expiresAt: pair.expiresAt, beginsAt: pair.beginsAt))
    var configuration = pair.configuration
    configuration.sslContextCallback = { _, promise in
      promise.succeed(current.value.withLock { $0.override } ?? .noChanges)
    }
    self.configuration = configuration
    (self.certificateFile, self.keyFile, self.current) = (certificateFile, keyFile, current)
  }

  /// Reads both files again, for connections to come.
  ///
  /// - Throws: As `init`; the certificate that was read before stays in force then.
  package func reload() throws(InvalidValue) {
    let pair = try CertificatePair(certificateFile: certificateFile, keyFile: keyFile)
    let value = Current.Value(
      expiresAt: pair.expiresAt, beginsAt: pair.beginsAt, override: pair.override)
    current.value.withLock { $0 = value }
  }

  /// When the listener's own certificate ends.
  package var expiresAt: Timestamp { current.value.withLock(\.expiresAt) }

  /// A word for the log where nobody trusts the certificate yet or any more, or where that is near;
  /// nil otherwise.
  package func warning(at now: Timestamp) -> String? {
    let (beginsAt, expiresAt) = current.value.withLock { ($0.beginsAt, $0.expiresAt) }
    if now < beginsAt {
      return "The TLS certificate in \(certificateFile) is valid from \(beginsAt) on: "
        + "no client trusts it before"
    }
    let days = (expiresAt.milliseconds - now.milliseconds) / 86_400_000
    if expiresAt <= now {
      return "The TLS certificate in \(certificateFile) expired at \(expiresAt): "
        + "no client trusts it"
    }
    return days < 30 ? "The TLS certificate in \(certificateFile) expires in \(days) days" : nil
  }
}
