import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import ServiceSupport
import Testing

/// The cluster over TLS.
@Suite("TLS", .timeLimit(.minutes(2)))
struct TLSTests {
  /// A balancer that speaks TLS, trusts its own certificate, and so does the test.
  private static func run(
    _ test: (LiveCluster, TestCertificate) async throws -> Void
  ) async throws {
    try await TestCertificate.withFolder { folder in
      let own = try TestCertificate(in: folder)
      try await LiveCluster.run(
        transport: .patient(authorities: try own.authorities),
        configure: {
          $0.tls = try own.identity
          $0.authorities = try own.authorities
        }
      ) { cluster in try await test(cluster, own) }
    }
  }

  private static func secure(
    _ cluster: LiveCluster, _ token: TokenInfo? = nil
  ) -> ClusterConnection {
    ClusterConnection(
      .https(cluster.balancerAddress), token: token?.token, transport: cluster.transport)
  }

  /// Why nobody was reached; nil where somebody was.
  private static func failure(of connection: ClusterConnection) async -> String? {
    do {
      _ = try await connection.livez()
      return nil
    } catch { return "\(error)" }
  }

  @Test("an operator works over TLS with a token, and the feed goes on")
  func operators() async throws {
    try await Self.run { cluster, _ in
      let ana = Self.secure(cluster, try await cluster.makeToken(.operator, name: "ana"))
      #expect(try await ana.ownAccess() == AccessAnswer(actor: "ana", refusal: nil))
      _ = try await ana.change(.seats(7))
      try await cluster.until("the feed tells it", at: ana) { $0.license.seats == 7 }
      let eva = Self.secure(cluster, try await cluster.makeToken(.viewer, name: "eva"))
      #expect(try await eva.ownAccess().refusal?.contains("viewer") == true)
    }
  }

  @Test("a listener that speaks TLS answers nothing in plain text")
  func noPlaintext() async throws {
    try await Self.run { cluster, _ in
      let token = try await cluster.makeToken(.operator)
      #expect(await Self.failure(of: cluster.clients) != nil)
      #expect(await Self.failure(of: try cluster.remote(token)) != nil)
      let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(
        "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(!outcome.received.contains("HTTP/1.1 200"))
      #expect(try await Self.secure(cluster).livez().id.text == "LB1")
    }
  }

  @Test("a certificate that nobody trusted signed is refused, and the words say what to do")
  func untrusted() async throws {
    try await Self.run { cluster, _ in
      let system = HTTPTransport.patient()
      let words = await Self.failure(
        of: ClusterConnection(.https(cluster.balancerAddress), transport: system))
      #expect(words?.contains("--ca-file") == true, "\(words ?? "it was trusted")")
      await system.shutDown()
      try await TestCertificate.withFolder { folder in
        let another = HTTPTransport.patient(
          authorities: try TestCertificate(in: folder).authorities)
        let words = await Self.failure(
          of: ClusterConnection(.https(cluster.balancerAddress), transport: another))
        #expect(words?.contains("not trusted") == true, "\(words ?? "it was trusted")")
        await another.shutDown()
      }
    }
  }

  @Test("a certificate for another address is refused")
  func otherName() async throws {
    try await TestCertificate.withFolder { folder in
      let other = try TestCertificate(in: folder, names: "DNS:elsewhere.example", "IP:127.0.0.2")
      try await LiveCluster.run(
        transport: .patient(authorities: try other.authorities),
        configure: { $0.tls = try other.identity }
      ) { cluster in
        let words = await Self.failure(of: Self.secure(cluster))
        #expect(words?.contains("another name or address") == true, "\(words ?? "trusted")")
      }
    }
  }

  @Test("an instance joins over TLS with a token, and everything after that is TLS too")
  func wholeCluster() async throws {
    try await Self.run { cluster, own in
      let one = try InstanceID("AOS01")
      let file = cluster.folder.path + "/instance.token"
      let token = try #require(try await cluster.makeToken(.instance).token)
      try Data("\(token)\n".utf8).write(to: URL(filePath: file))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      let address = try await cluster.start("AOS01") {
        $0.join = [.https(cluster.balancerAddress)]
        $0.tokenFile = TokenFile(file)
        $0.tls = try own.identity
        $0.authorities = try own.authorities
      }
      #expect(await Self.failure(of: try cluster.instance("AOS01")) != nil, "no plaintext")
      let list = try await Self.secure(cluster).handshake(HandshakeRequest())
      #expect(list.servers.map(\.tls) == [true])
      let itself = ClusterConnection(.https(address), transport: cluster.transport)
      #expect(try await itself.handshake(HandshakeRequest()).servers.map(\.tls) == [true])

      let steps = Steps()
      let walk = ClientWalk(
        entries: [ServerEntry(address: cluster.balancerAddress)], entriesUseTLS: true,
        user: "eva", computer: "pc2", transport: cluster.transport)
      let client = Task { await walk.run { await steps.append($0) } }
      try await cluster.until("the client has arrived") { $0[one]?.load.connected == 1 }
      let drained = try await cluster.change(
        .drain([one]), options: MutationOptions(acknowledge: [.lastServer, .lastBatchServer]))
      #expect(drained.delivered, "the desired state went over TLS")
      let sessions = try await cluster.operators.sessions(of: one)
      #expect(sessions.map(\.user) == ["eva"])
      client.cancel()
      #expect(await client.value == .closed)
      try await cluster.until("its place is free at once") { $0[one]?.state == .drained }
      #expect(await steps.servers == ["AOS01"])
    }
  }

  @Test("an instance whose certificate the balancer does not trust is unreachable, and says why")
  func untrustedInstance() async throws {
    try await Self.run { cluster, _ in
      try await TestCertificate.withFolder { folder in
        let other = try TestCertificate(in: folder, "other")
        let address = try await cluster.start("AOS01", joins: false) {
          $0.tls = try other.identity
        }
        let one = try InstanceID("AOS01")
        try await cluster.change(.add(one, at: address, tls: true))
        let shown = try await cluster.until("it is unreachable") {
          $0[one]?.health == .unreachable
        }
        #expect(shown[one]?.healthReason?.contains("not trusted") == true)
        #expect(shown.handshakeList == [])
      }
    }
  }

  @Test("balancers see each other over TLS")
  func peers() async throws {
    try await Self.run { cluster, _ in
      let second = try await cluster.startSecondBalancer()
      let (one, two) = (try InstanceID("LB1"), try InstanceID("LB2"))
      try await cluster.until("the first sees the second") { $0[two]?.state == .balancing }
      try await cluster.until("the second sees the first", at: second) {
        $0[one]?.state == .balancing
      }
    }
  }

  @Test(
    "changes from other machines are taken over TLS",
    .enabled(if: OwnAddress.found != nil, "this machine has no address but loopback"))
  func realAddress() async throws {
    let host = try #require(OwnAddress.found)
    try await TestCertificate.withFolder { folder in
      let own = try TestCertificate(in: folder, names: "IP:\(host)", "IP:127.0.0.1")
      try await LiveCluster.run(
        transport: .patient(authorities: try own.authorities),
        configure: {
          $0.listen = ("0.0.0.0", 0)
          $0.tls = try own.identity
        }
      ) { cluster in
        let token = try await cluster.makeToken(.operator).token
        let address = try Address(host: host, port: cluster.balancerAddress.port)
        let far = ClusterConnection(.https(address), token: token, transport: cluster.transport)
        _ = try await far.change(.seats(3))
      }
    }
  }

  @Test("a wrong certificate or key is reported with its option and file")
  func identities() async throws {
    try await TestCertificate.withFolder { folder in
      let (one, two) = (
        try TestCertificate(in: folder, "one"), try TestCertificate(in: folder, "two")
      )
      let open = "\(folder)/open.key"
      try FileManager.default.copyItem(atPath: one.keyFile, toPath: open)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
      let empty = "\(folder)/empty"
      try Data().write(to: URL(filePath: empty))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: empty)
      let wrong = [
        (one.certificateFile, two.keyFile, "--tls-key", "is not the key of"),
        (one.certificateFile, open, "--tls-key", "chmod 600 \(open)"),
        (one.certificateFile, empty, "--tls-key", "holds no key"),
        (one.certificateFile, "/nowhere", "--tls-key", "cannot read /nowhere"),
        (one.keyFile, one.keyFile, "--tls-certificate", "holds no certificate"),
        ("/nowhere", one.keyFile, "--tls-certificate", "cannot read /nowhere"),
      ]
      for (certificate, key, field, words) in wrong {
        let error = #expect(throws: InvalidValue.self) {
          try TLSIdentity(certificateFile: certificate, keyFile: key)
        }
        #expect(error?.field == field)
        #expect(error?.complaint.contains(words) == true, "\(error?.complaint ?? "")")
      }
      _ = try one.identity
    }
  }

  @Test("a certificate that is not valid yet, no longer, or not for long is warned of")
  func ending() async throws {
    try await TestCertificate.withFolder { folder in
      let certificate = try TestCertificate(in: folder)
      let identity = try certificate.identity
      let start = "The TLS certificate in \(certificate.certificateFile)"
      let end = identity.expiresAt
      let day: Int64 = 86_400_000
      #expect(
        identity.warning(at: end.adding(milliseconds: -day)) == "\(start) expires in 1 day")
      #expect(identity.warning(at: end)?.hasPrefix("\(start) expired at \(end)") == true)
      let before = end.adding(milliseconds: -1_000 * day)
      #expect(identity.warning(at: before)?.hasPrefix("\(start) is valid from ") == true)
    }
  }
}
