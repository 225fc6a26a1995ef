public import ClusterModel
internal import NIOSSL
internal import SmallFiles

/// What a program needs for balancers on other machines: its access token, and the certificate
/// authorities that it trusts.
public struct RemoteAccess: Sendable {
  /// The token, which is sent with every request.
  public var token: String?
  /// The trusted authorities; nil: those of the system.
  public var authorities: CertificateAuthorities?
  /// Whether the token may be sent over the network in plain text.
  public var allowsPlaintext: Bool

  public init(
    token: String? = nil, authorities: CertificateAuthorities? = nil,
    allowsPlaintext: Bool = false
  ) {
    self.token = token
    self.authorities = authorities
    self.allowsPlaintext = allowsPlaintext
  }

  /// The environment variable for the option that names the token's file.
  public static let tokenVariable = "AOS_TOKEN_FILE"
  /// The environment variable for the option that names the file of authorities.
  public static let authoritiesVariable = "AOS_CA_FILE"

  /// Reads the files that a program's options name, or otherwise its environment.
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

  /// Refuses to send a token where others could read it.
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

  /// A connection with the token. Without permission for plain text it is made only where nobody
  /// else can read the token.
  public func connection(
    to endpoint: Endpoint, over transport: HTTPTransport
  ) -> ClusterConnection {
    let shows = allowsPlaintext || endpoint.keepsSecrets
    return ClusterConnection(endpoint, token: shows ? token : nil, transport: transport)
  }
}

extension Endpoint {
  /// Whether nothing that is sent there leaves this machine in plain text.
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

/// The certificates of trusted signers.
public struct CertificateAuthorities: Sendable {
  let certificates: [NIOSSLCertificate]
  /// The file from which they were read.
  public let file: String

  /// The most bytes of a file. All authorities that a system trusts need a quarter of it.
  private static let longest = 1 << 20

  /// Reads a file of certificates in PEM. A self-signed certificate is its own authority.
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

  /// Why none of them is valid at this time, as a sentence that begins with the file; nil where at
  /// least one is valid.
  package func fault(at now: Timestamp) -> String? {
    let seconds = now.milliseconds / 1_000
    let isOver = certificates.allSatisfy { Int64($0.notValidAfter) <= seconds }
    if isOver { return "\(file) contains only expired certificates" }
    // This is not a range, since the end may be before the beginning.
    let isValid = certificates.contains {
      Int64($0.notValidBefore) <= seconds && seconds < Int64($0.notValidAfter)
    }
    return isValid ? nil : "\(file) holds no certificate that is valid now"
  }
}
