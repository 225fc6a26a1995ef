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
      /// Of the listener's own certificate, then of those that lead to an authority.
      var validities: [CertificatePair.Validity]
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
    let current = Current(.init(validities: pair.validities))
    var configuration = pair.configuration
    configuration.sslContextCallback = { _, promise in
      promise.succeed(current.value.withLock { $0.override } ?? .noChanges)
    }
    self.configuration = configuration
    (self.certificateFile, self.keyFile, self.current) = (certificateFile, keyFile, current)
  }

  /// Reads both files again, for connections to come.
  ///
  /// A certificate that is not valid at the time is refused here, and not by `init`: another one
  /// is in force, and clients may trust that one.
  ///
  /// - Throws: As `init`; the certificate that was read before stays in force then.
  package func reload(at now: Timestamp = SystemClock.now) throws(InvalidValue) {
    let pair = try CertificatePair(certificateFile: certificateFile, keyFile: keyFile)
    if let fault = pair.validities.first?.fault(at: now) {
      throw InvalidValue(field: "--tls-certificate", complaint: "\(certificateFile) \(fault)")
    }
    let value = Current.Value(validities: pair.validities, override: pair.override)
    current.value.withLock { $0 = value }
  }

  /// When the listener's own certificate ends.
  package var expiresAt: Timestamp { current.value.withLock { $0.validities[0].expiresAt } }

  /// A word for the log where nobody trusts the certificate yet or any more, or where that is near;
  /// nil otherwise.
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
