public import ClusterModel
internal import NIOSSL
internal import SmallFiles

/// What a program shows to balancers on other machines, and whose certificates it trusts: an
/// access token, and the certificate authorities of the cluster.
public struct RemoteAccess: Sendable {
  /// Goes along with every request.
  public var token: String?
  /// Trusted instead of the system's; nil: the system's.
  public var authorities: CertificateAuthorities?
  /// The token goes over the network in plain text, too.
  public var allowsPlaintext: Bool

  public init(
    token: String? = nil, authorities: CertificateAuthorities? = nil,
    allowsPlaintext: Bool = false
  ) {
    self.token = token
    self.authorities = authorities
    self.allowsPlaintext = allowsPlaintext
  }

  /// The variables of the environment that stand for options that are not given.
  public static let tokenVariable = "AOS_TOKEN_FILE"
  /// Names the file with the certificate authorities of the cluster.
  public static let authoritiesVariable = "AOS_CA_FILE"

  /// Reads the files that a program's options name, or else its environment.
  ///
  /// - Throws: `InvalidValue` naming the option or the variable, with the file.
  public init(
    tokenFile: String?, caFile: String?, allowsPlaintext: Bool, environment: [String: String]
  ) throws(InvalidValue) {
    let tokenPath = Self.path(tokenFile, "--token-file", Self.tokenVariable, environment)
    let caPath = Self.path(caFile, "--ca-file", Self.authoritiesVariable, environment)
    if let tokenPath { token = try TokenFile(tokenPath.path, field: tokenPath.field).read() }
    if let caPath {
      authorities = try CertificateAuthorities(file: caPath.path, field: caPath.field)
    }
    self.allowsPlaintext = allowsPlaintext
  }

  private static func path(
    _ option: String?, _ name: String, _ variable: String, _ environment: [String: String]
  ) -> (path: String, field: String)? {
    if let option { return (option, name) }
    guard let path = environment[variable], !path.isEmpty else { return nil }
    return (path, variable)
  }

  /// Refuses to send a token where others can read it on the way.
  ///
  /// - Throws: `InvalidValue` naming the endpoint.
  public func check(_ endpoints: [Endpoint]) throws(InvalidValue) {
    guard token != nil, !allowsPlaintext else { return }
    for endpoint in endpoints where !endpoint.keepsSecrets {
      throw InvalidValue(
        field: "\(endpoint)",
        complaint: "would be sent the token in plain text; use https://, or --plaintext-token")
    }
  }

  /// A connection that shows the token; only where nobody can read it on the way, unless that is
  /// allowed.
  public func connection(
    to endpoint: Endpoint, over transport: HTTPTransport
  ) -> ClusterConnection {
    let shows = allowsPlaintext || endpoint.keepsSecrets
    return ClusterConnection(endpoint, token: shows ? token : nil, transport: transport)
  }
}

extension Endpoint {
  /// What is sent there never leaves this machine in plain text.
  public var keepsSecrets: Bool {
    switch self {
    case .unix, .https: true
    case .http(let address): address.isLoopback
    }
  }
}

extension Address {
  fileprivate var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { $0.allSatisfy(\.isWholeNumber) && UInt8($0) != nil }
  }
}

/// Certificates that others are trusted by.
public struct CertificateAuthorities: Sendable {
  let certificates: [NIOSSLCertificate]
  /// Where they were read.
  public let file: String

  /// Most bytes of a file. All authorities that a system trusts take a quarter of it.
  private static let longest = 1 << 20

  /// Reads a file of certificates in PEM. A certificate that signed itself is its own authority.
  ///
  /// - Throws: `InvalidValue` naming `field` and the file.
  public init(file path: String, field: String = "--ca-file") throws(InvalidValue) {
    file = path
    let content = try SmallFile(path, as: .publicKey, field: field, atMost: Self.longest)
    let found = try? NIOSSLCertificate.fromPEMBytes(Array(content.text.utf8))
    guard let found, !found.isEmpty else {
      throw InvalidValue(field: field, complaint: "\(path) holds no certificates in PEM")
    }
    for (place, certificate) in found.enumerated() {
      guard let bytes = try? certificate.toDERBytes(),
        let weakness = CertificateDetails(bytes)?.weakKey
      else { continue }
      throw InvalidValue(
        field: field, complaint: "\(path): certificate \(place + 1) in it \(weakness)")
    }
    certificates = found
  }

  /// Why nobody can be trusted by any of them at some time, as a sentence that begins with the
  /// file; nil: at least one is valid.
  package func fault(at now: Timestamp) -> String? {
    let seconds = now.milliseconds / 1_000
    let isOver = certificates.allSatisfy { Int64($0.notValidAfter) <= seconds }
    if isOver { return "\(file) holds expired certificates alone" }
    // No range: an end may lie before the beginning.
    let isValid = certificates.contains {
      Int64($0.notValidBefore) <= seconds && seconds < Int64($0.notValidAfter)
    }
    return isValid ? nil : "\(file) holds no certificate that is valid now"
  }
}
