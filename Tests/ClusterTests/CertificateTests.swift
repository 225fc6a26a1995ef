import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ServiceSupport
import Synchronization
import TestSupport
import Testing

/// Which certificates a listener takes, and how it gets new ones while it runs.
@Suite("Certificates", .timeLimit(.minutes(2)))
struct CertificateTests {
  /// A kind of key, as openssl makes it.
  struct Kind: Sendable, CustomTestStringConvertible {
    var name: String
    var arguments: [String]
    var testDescription: String { name }

    static let rsa = Kind(name: "RSA", arguments: ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"])

    static func curve(_ name: String) -> Kind {
      Kind(name: name, arguments: ["EC", "-pkeyopt", "ec_paramgen_curve:\(name)"])
    }

    static let all: [Kind] = [
      rsa, curve("P-256"), curve("P-384"), curve("P-521"), curve("secp256k1"),
      Kind(name: "Ed25519", arguments: ["ED25519"]), Kind(name: "Ed448", arguments: ["ED448"]),
      Kind(name: "RSA-PSS", arguments: ["RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ]
  }

  /// Whether one of our clients gets an answer from a server of another make.
  private func clientCanUse(
    _ chain: String, _ key: String, trusting authority: String
  ) async throws -> Bool {
    let server = Process()
    let output = Pipe()
    server.executableURL = URL(filePath: "/usr/bin/env")
    server.arguments = [
      "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", chain, "-key", key,
    ]
    (server.standardOutput, server.standardError) = (output, FileHandle.nullDevice)
    try server.run()
    defer { server.terminate() }
    var text = ""
    while text.firstMatch(of: /ACCEPT 127.0.0.1:([0-9]+)\n/) == nil {
      guard let part = try output.fileHandleForReading.read(upToCount: 1), !part.isEmpty else {
        throw NeverHappened(what: "openssl serves")
      }
      text += String(decoding: part, as: UTF8.self)
    }
    let port = try #require(text.firstMatch(of: /ACCEPT 127.0.0.1:([0-9]+)\n/)?.1)
    let transport = HTTPTransport.patient(authorities: try CertificateAuthorities(file: authority))
    defer { Task { await transport.shutDown() } }
    let endpoint = Endpoint.https(try Address("127.0.0.1:\(port)"))
    do {
      _ = try await ClusterConnection(endpoint, transport: transport).livez()
      return true
    } catch ClientFailure.malformed {
      return true  // its own page
    } catch {
      return false
    }
  }

  @Test("a certificate is taken exactly where our clients can use its key", arguments: Kind.all)
  func keys(kind: Kind) async throws {
    try await TestCertificate.withFolder { folder in
      let own = try OpenSSL(folder).selfSigned("own", kind)
      let refusal = own.refusal
      #expect(
        try await clientCanUse(own.certificate, own.key, trusting: own.certificate)
          == (refusal == nil))
      guard let words = refusal else { return }
      #expect(words.field == "--tls-certificate")
      #expect(words.complaint.hasPrefix("\(own.certificate) has a key of the kind "))
      #expect(words.complaint.contains(kind.name))
      #expect(words.complaint.contains("P-256"))
    }
  }

  @Test("a chain is taken exactly where our clients can follow it", arguments: Kind.all)
  func chains(kind: Kind) async throws {
    try await TestCertificate.withFolder { folder in
      let openssl = OpenSSL(folder)
      let authority = try openssl.selfSigned("authority", kind)
      let own = try openssl.signed("own", by: authority)
      #expect(
        try await clientCanUse(own.certificate, own.key, trusting: authority.certificate)
          == (own.refusal == nil))
    }
  }

  /// An extension, and what is reported of a certificate with it; nil: it is taken.
  static let uses: [(text: String, words: String?)] = [
    ("keyUsage=digitalSignature,keyCertSign", nil),
    ("keyUsage=critical,digitalSignature,keyAgreement,keyCertSign", nil),
    ("keyUsage=critical,keyEncipherment", "does not allow digital signatures"),
    ("extendedKeyUsage=serverAuth,clientAuth", nil), ("1.2.3.4=ASN1:UTF8String:x", nil),
    ("extendedKeyUsage=clientAuth", "is not for servers"),
    ("extendedKeyUsage=critical,codeSigning", "is not for servers"),
    ("1.2.3.4=critical,ASN1:UTF8String:x", "critical extension that clients do not know (1.2.3.4)"),
  ]

  @Test(
    "a certificate for another use than a server is refused, with the words for its use",
    arguments: uses.indices)
  func use(place: Int) async throws {
    let (text, words) = Self.uses[place]
    try await TestCertificate.withFolder { folder in
      let own = try OpenSSL(folder).selfSigned("own", .curve("P-256"), extension: text)
      let refusal = own.refusal
      #expect((refusal == nil) == (words == nil))
      guard let words, let refusal else { return }
      #expect(refusal.field == "--tls-certificate")
      #expect(refusal.complaint.hasPrefix(own.certificate))
      #expect(refusal.complaint.contains(words), "\(refusal.complaint)")
    }
  }

  @Test("an RSA key of less than 2,048 bits is refused, of a listener and of an authority")
  func shortKeys() async throws {
    try await TestCertificate.withFolder { folder in
      let openssl = OpenSSL(folder)
      let short = CertificateTests.Kind(
        name: "short", arguments: ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"])
      let authority = try openssl.selfSigned("authority", short)
      let words = "RSA key of 1024 bits, which can be broken"
      #expect(authority.refusal?.complaint.contains(words) == true)
      let own = try openssl.signed("own", by: authority)
      #expect(own.refusal?.complaint.contains("certificate 2 in it has an \(words)") == true)
      let error = #expect(throws: InvalidValue.self) {
        try CertificateAuthorities(file: authority.certificate)
      }
      #expect(error?.complaint.contains(words) == true)
    }
  }

  @Test("a certificate that is not valid now is warned of at the start, and replaces none later")
  func outOfTime() async throws {
    try await TestCertificate.withFolder { folder in
      let own = try TestCertificate(in: folder)
      let identity = try own.identity
      let end = identity.expiresAt
      let openssl = OpenSSL(folder)
      for (from, until, words) in [
        ("20200101000000Z", "20200201000000Z", "expired at 2020-02-01"),
        ("20900101000000Z", "20900201000000Z", "is valid from 2090-01-01"),
      ] {
        try openssl.replace(own, from: from, until: until)
        let warning = try own.identity.warning(at: SystemClock.now)
        #expect(warning?.contains(words) == true)
        let error = #expect(throws: InvalidValue.self) { try identity.reload() }
        #expect(error?.complaint.contains(words) == true, "\(error?.complaint ?? "")")
        #expect(identity.expiresAt == end, "the old one is in force")
        let fault = try own.authorities.fault(at: SystemClock.now)
        #expect(fault?.hasPrefix(own.certificateFile) == true)
      }
      // Its time comes without a change of the file.
      try identity.reload(at: try #require(Timestamp("2090-01-02T00:00:00Z")))
      #expect(identity.expiresAt == Timestamp("2090-02-01T00:00:00Z"))
    }
  }

  @Test("certificates that do not belong to each other are refused with their file")
  func mixedChain() async throws {
    try await TestCertificate.withFolder { folder in
      let openssl = OpenSSL(folder)
      let signed = try openssl.signed("own", by: try openssl.selfSigned("one", .rsa))
      let other = try openssl.selfSigned("two", .rsa)
      let file = "\(folder)/mixed.crt"
      let own = try String(contentsOfFile: signed.certificate, encoding: .utf8)
        .components(separatedBy: "-----END CERTIFICATE-----")[0]
      try
        (own + "-----END CERTIFICATE-----\n"
        + String(contentsOfFile: other.certificate, encoding: .utf8))
        .write(toFile: file, atomically: true, encoding: .utf8)
      let error = #expect(throws: InvalidValue.self) {
        try TLSIdentity(certificateFile: file, keyFile: signed.key)
      }
      #expect(error?.complaint.contains("certificates in \(file) do not lead") == true)
    }
  }

  @Test("a new certificate serves new connections, old ones stay, and a bad one changes nothing")
  func reload() async throws {
    try await TestCertificate.withFolder { folder in
      let own = try TestCertificate(in: folder)
      let first = try own.authorities
      let before = HTTPTransport.patient(authorities: first)
      let identity = try own.identity
      try await LiveCluster.run(configure: { $0.tls = identity }) { cluster in
        let endpoint = Endpoint.https(cluster.balancerAddress)
        let token = try await cluster.makeToken(.operator).token
        let ana = ClusterConnection(endpoint, token: token, transport: before)
        var feed = try await ana.events("/v1/feed", silenceMilliseconds: 60_000)
          .makeAsyncIterator()
        _ = try await feed.next()
        _ = try TestCertificate(in: folder)  // over the files of the first
        try identity.reload()
        let after = HTTPTransport.patient(authorities: try own.authorities)
        let eva = ClusterConnection(endpoint, token: token, transport: after)
        #expect(try await eva.livez().id.text == "LB1")
        // A connection that stands goes on, a new one with the old trust does not.
        try await cluster.change(.seats(7))
        while let item = try await feed.next() {
          if case .event(let event) = item, event.name == "change" { break }
        }
        // A program that trusts the old certificate alone learns the new one while it runs.
        let late = HTTPTransport.patient(authorities: first)
        let lena = ClusterConnection(endpoint, transport: late)
        await #expect(throws: ClientFailure.self) { try await lena.livez() }
        let newAuthorities = try own.authorities
        late.replace(authorities: newAuthorities)
        #expect(try await lena.livez().id.text == "LB1")
        try Data("junk".utf8).write(to: URL(filePath: own.certificateFile))
        #expect(throws: InvalidValue.self) { try identity.reload() }
        let last = HTTPTransport.patient(authorities: newAuthorities)
        #expect(try await ClusterConnection(endpoint, transport: last).livez().id.text == "LB1")
        for transport in [after, late, last] { await transport.shutDown() }
      }
      await before.shutDown()
    }
  }
}

/// Makes keys and certificates of any kind.
struct OpenSSL {
  let folder: String

  init(_ folder: String) { self.folder = folder }

  /// The files of a certificate and its key.
  struct Made {
    var certificate: String
    var key: String

    /// Why a listener does not take it; nil where it does.
    var refusal: InvalidValue? {
      do throws(InvalidValue) {
        _ = try TLSIdentity(certificateFile: certificate, keyFile: key)
        return nil
      } catch { return error }
    }
  }

  /// - Parameter text: An extension, as openssl's option takes it.
  func selfSigned(
    _ name: String, _ kind: CertificateTests.Kind, extension text: String? = nil
  ) throws -> Made {
    let made = Made(certificate: "\(folder)/\(name).crt", key: "\(folder)/\(name).key")
    try run(["genpkey", "-algorithm"] + kind.arguments + ["-out", made.key])
    try run(
      [
        "req", "-x509", "-key", made.key, "-days", "2", "-subj", "/CN=\(name)", "-addext",
        "subjectAltName=IP:127.0.0.1", "-out", made.certificate,
      ] + (text.map { ["-addext", $0] } ?? []))
    return made
  }

  /// Signs the key of a certificate again, for other times, as `20200101000000Z`.
  func replace(_ own: TestCertificate, from: String, until: String) throws {
    let (request, index) = ("\(folder)/again.csr", "\(folder)/index")
    let settings = """
      [ca]
      default_ca = own
      [own]
      database = \(index)
      new_certs_dir = \(folder)
      default_md = sha256
      policy = any
      rand_serial = yes
      unique_subject = no
      x509_extensions = names
      [any]
      commonName = supplied
      [names]
      subjectAltName = IP:127.0.0.1

      """
    try Data(settings.utf8).write(to: URL(filePath: "\(folder)/ca.cnf"))
    try Data().write(to: URL(filePath: index))
    try run(["req", "-new", "-key", own.keyFile, "-subj", "/CN=own", "-out", request])
    try run([
      "ca", "-selfsign", "-batch", "-notext", "-config", "\(folder)/ca.cnf", "-in", request,
      "-keyfile", own.keyFile, "-startdate", from, "-enddate", until, "-out",
      own.certificateFile,
    ])
  }

  /// A certificate on P-256, and its authority's after it in the same file.
  func signed(_ name: String, by authority: Made) throws -> Made {
    let own = Made(certificate: "\(folder)/\(name).crt", key: "\(folder)/\(name).key")
    let (request, names) = ("\(folder)/\(name).csr", "\(folder)/names")
    try Data("subjectAltName=IP:127.0.0.1\n".utf8).write(to: URL(filePath: names))
    try run([
      "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
      "/CN=\(name)", "-keyout", own.key, "-out", request,
    ])
    try run([
      "x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key,
      "-CAcreateserial", "-days", "2", "-extfile", names, "-out", own.certificate,
    ])
    let chain =
      try Data(contentsOf: URL(filePath: own.certificate))
      + Data(contentsOf: URL(filePath: authority.certificate))
    try chain.write(to: URL(filePath: own.certificate))
    return own
  }

  private func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw NeverHappened(what: "openssl \(arguments[0]) succeeds")
    }
    if let place = arguments.firstIndex(where: { $0 == "-keyout" }) {
      try shut(arguments[place + 1])
    } else if arguments[0] == "genpkey", let file = arguments.last {
      try shut(file)
    }
  }

  private func shut(_ file: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
  }
}
