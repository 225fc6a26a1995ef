package import ClusterModel
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The certificate and the key with which a listener speaks TLS. Both can be read again while it
/// listens: open connections keep the old certificate, and new ones get the new one.
package struct TLSIdentity: Sendable {
  /// The configuration of a listener. It asks for the newest certificate with each connection.
  let configuration: TLSConfiguration
  package let certificateFile: String
  package let keyFile: String
  private let current: Current

  /// What was read last, for new connections.
  private final class Current: Sendable {
    struct Value {
      /// Of the listener's own certificate first, then of those that lead to an authority.
      var validities: [CertificatePair.Validity]
      /// Nil until the files were read again: the listener then uses its first certificate.
      var override: NIOSSLContextConfigurationOverride?
    }

    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
  }

  /// Reads both files, and checks that they belong together and that clients can use them.
  ///
  /// - Parameters:
  ///   - certificateFile: PEM; the listener's own certificate first, then those that lead to an
  ///     authority.
  ///   - keyFile: PEM; not readable for everybody on the machine.
  /// - Throws: `InvalidValue` naming the option and the file, never with contents of the key.
  package init(certificateFile: String, keyFile: String) throws(InvalidValue) {
    let pair = try CertificatePair(certificateFile: certificateFile, keyFile: keyFile)
    let current = Current(.init(validities: pair.validities))
    var configuration = pair.configuration
    configuration.sslContextCallback = { _, promise in
      promise.succeed(current.value.withLock { $0.override } ?? .noChanges)
    }
    self.configuration = configuration
    (self.certificateFile, self.keyFile, self.current) = (certificateFile, keyFile, current)
  }

  /// Reads both files again, for new connections.
  ///
  /// A certificate that is not valid at this time is refused here, although `init` accepts it: here
  /// another one is in force, which clients may trust.
  ///
  /// - Throws: As `init`; the earlier certificate then stays in force.
  package func reload(at now: Timestamp = SystemClock.now) throws(InvalidValue) {
    let pair = try CertificatePair(certificateFile: certificateFile, keyFile: keyFile)
    if let fault = pair.validities.first?.fault(at: now) {
      throw InvalidValue(field: "--tls-certificate", complaint: "\(certificateFile) \(fault)")
    }
    let value = Current.Value(validities: pair.validities, override: pair.override)
    current.value.withLock { $0 = value }
  }

  /// When the listener's own certificate expires.
  package var expiresAt: Timestamp { current.value.withLock { $0.validities[0].expiresAt } }

  /// A warning for the log where the certificate is not valid, or will expire soon; otherwise nil.
  package func warning(at now: Timestamp) -> String? {
    let validities = current.value.withLock(\.validities)
    guard let own = validities.first else { return nil }
    if let fault = own.fault(at: now) {
      return "The TLS certificate in \(certificateFile) \(fault)"
    }
    for (place, other) in validities.enumerated() {
      guard let fault = other.fault(at: now) else { continue }
      return "Certificate \(place + 1) in \(certificateFile) \(fault)"
    }
    let days = (own.expiresAt.milliseconds - now.milliseconds) / 86_400_000
    let left = days == 1 ? "1 day" : "\(days) days"
    return days < 30 ? "The TLS certificate in \(certificateFile) expires in \(left)" : nil
  }
}
