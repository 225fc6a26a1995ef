import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import ScriptedServer
import ServiceSupport
import TestSupport
import Testing

/// `CONNECT` as its bytes go over the wire.
@Suite("CONNECT", .timeLimit(.minutes(2)))
struct ConnectTests {
  /// What a refusal says, and the name of its problem.
  private static func refusal(
    _ fixture: InstanceFixture, _ credentials: String?, fields: String = ""
  ) async throws -> (head: String, name: String) {
    let outcome = try await RawConnection(address: fixture.address).exchange(
      InstanceFixture.head(credentials, fields: fields))
    let problem = try WireJSON.decode(Problem.self, from: outcome.body.utf8)
    #expect(outcome.status.contains(" \(problem.status) "), "\(outcome.received)")
    #expect(outcome.received.lowercased().contains("connection: close"))
    return (outcome.received, problem.name.rawValue)
  }

  @Test("is answered with a head that has nothing but its status, and the tunnel behind it")
  func answer() async throws {
    let application = try TestApplication { $0.send("banner") }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      let session = try await fixture.open()
      for version in ["1.0", "1.1"] {
        let (head, socket) = try await fixture.connect(
          session.opened.credentials, version: version)
        #expect(head == "HTTP/\(version) 200 Connected\r\n\r\n")
        #expect(await onThread { socket.receiveAll() } == Array("banner".utf8))
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("keeps bytes that come early, however the request is cut, and the end behind them")
  func early() async throws {
    let application = try TestApplication { socket in
      socket.send(socket.receiveAll())
    }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      let session = try await fixture.open()
      let head = InstanceFixture.head(session.opened.credentials)
      let more = "GET / HTTP/1.1\r\n\r\nCONNECT\r\n\r\n" + String(repeating: "x", count: 40_000)
      for pieces in [[head + more], [head, more], [String(head.dropLast()), "\r\n" + more]] {
        let socket = try BlockingSocket(to: fixture.address)
        let answer = await onThread {
          for piece in pieces { socket.send(piece) }
          socket.finish()
          return socket.receiveAll()
        }
        let text = String(decoding: answer, as: UTF8.self)
        #expect(text == "HTTP/1.1 200 Connected\r\n\r\n" + more, "\(text.prefix(200))")
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("comes behind other requests of the same connection as well")
  func later() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      let session = try await fixture.open()
      let heard = try await RawConnection(address: fixture.address).converse([
        ("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", "}"),
        (InstanceFixture.head(session.opened.credentials), "200 Connected\r\n\r\n"),
        ("hello", "hello"),
      ])
      #expect(heard.hasSuffix("hello"), "\(heard)")
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("with a user and no password is a session that ends with its connection")
  func user() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, maximum: 1) { fixture in
      do {
        let (head, socket) = try await fixture.connect(
          "ana:", fields: "AOS-Computer: pc7\r\nAOS-Ticket: t1\r\n")
        #expect(head.hasPrefix("HTTP/1.1 200 "))
        let seen = try #require(try await fixture.onlySession())
        #expect([seen.user, seen.computer] == ["ana", "pc7"])
        #expect(seen.connections == 1)
        #expect(seen.withoutNotices == true)
        #expect(try await fixture.metric("aos_sessions_without_notices") == "1")
        #expect(try await Self.refusal(fixture, "eva:").name == "full")
        withExtendedLifetime(socket) {}
      }
      try await fixture.untilConnected(0)
      let (head, socket) = try await fixture.connect("eva:")
      #expect(head.hasPrefix("HTTP/1.1 200 "))
      #expect(try await fixture.onlySession()?.computer == "127.0.0.1")
      withExtendedLifetime(socket) {}
    }
  }

  @Test("with a user has the terms of any other session")
  func terms() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      for (fields, name) in [
        ("AOS-Kind: service\r\n", "rpc-only"), ("AOS-Kind: batch\r\n", "kind-not-served"),
        ("AOS-Kind: other\r\n", "invalid-request"),
        ("AOS-Kind: client\r\nAOS-Kind: client\r\n", "invalid-request"),
        ("AOS-Computer: \u{202E}pc\r\n", "invalid-request"),
      ] {
        #expect(try await Self.refusal(fixture, "ana:", fields: fields).name == name)
      }
      try await fixture.obey(admission: .rejecting)
      #expect(try await Self.refusal(fixture, "ana:").name == "rejecting-clients")
      try await fixture.obey(unlicensed: "no seat left")
      #expect(try await Self.refusal(fixture, "ana:").name == "unlicensed")
      #expect(try await fixture.operators.ownSessions().isEmpty)
    }
  }

  @Test("without the secret of an open session is asked for it, with the status of a proxy")
  func unauthorized() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      let session = try await fixture.open()
      for credentials in [
        nil, "\(session.opened.session):x", "nobody:\(session.opened.secret)", ":", ":x", "ana",
      ] {
        let refusal = try await Self.refusal(fixture, credentials)
        #expect(refusal.name == "unauthorized")
        #expect(refusal.head.hasPrefix("HTTP/1.1 407 "))
        #expect(refusal.head.contains("Proxy-Authenticate: Basic realm=\"aos session\"\r\n"))
      }
      for field in ["Bearer x", "Basic", "Basic !", "Basic /w=="] {
        let fields = "Proxy-Authorization: \(field)\r\n"
        #expect(try await Self.refusal(fixture, nil, fields: fields).name == "unauthorized")
      }
      #expect(application.connections == 0)
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("leads to no application where there is none, and tells so where it cannot be reached")
  func unreachable() async throws {
    try await InstanceFixture.run(to: nil) { fixture in
      let refusal = try await Self.refusal(fixture, "ana:")
      #expect(refusal.name == "no-application")
      #expect(refusal.head.hasPrefix("HTTP/1.1 501 "))
    }
    let closed = try ClosedPort()
    defer { closed.release() }
    try await InstanceFixture.run(to: closed.address) { fixture in
      let session = try await fixture.open()
      let refusal = try await Self.refusal(fixture, "ana:")
      #expect(refusal.name == "application-unreachable")
      #expect(refusal.head.hasPrefix("HTTP/1.1 502 "))
      #expect(try await fixture.operators.ownSessions().count == 1)
      #expect(
        await refusalName(of: {
          try await fixture.client.withApplication(in: session.opened) { _ in true }
        }) == .applicationUnreachable)
      #expect(try await fixture.onlySession()?.connections == 0)
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("at a balancer is told that it takes no sessions")
  func balancer() async throws {
    try await LiveCluster.run { cluster in
      for door in [
        RawConnection.Door.tcp(cluster.balancerAddress), .unix(path: cluster.socketPath),
      ] {
        let outcome = try await RawConnection(door).exchange(InstanceFixture.head("ana:"))
        #expect(outcome.status.hasPrefix("HTTP/1.1 409 "), "\(outcome.received)")
        #expect(outcome.body.contains("urn:aos:problem:dedicated-load-balancer"))
      }
    }
  }

  @Test("is for the networks that --allow-from names, and for the Unix socket")
  func allowed() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(
      to: application.address,
      change: { $0.allowedToConnect = [try NetworkRange("10.0.0.0/8")] }
    ) { fixture in
      #expect(try await Self.refusal(fixture, "ana:").name == "forbidden")
      let heard = try await RawConnection(.unix(path: fixture.socketPath)).converse([
        (InstanceFixture.head("ana:"), "200 Connected\r\n\r\n"), ("hello", "hello"),
      ])
      #expect(heard.hasSuffix("hello"), "\(heard)")
    }
    try await InstanceFixture.run(
      to: application.address,
      change: {
        $0.allowedToConnect = [try NetworkRange("10.0.0.0/8"), try NetworkRange("127.0.0.1")]
      }
    ) { fixture in
      let (head, socket) = try await fixture.connect("ana:")
      #expect(head.hasPrefix("HTTP/1.1 200 "))
      withExtendedLifetime(socket) {}
    }
  }

  @Test("reaches an application on a Unix socket")
  func unixApplication() async throws {
    // An instance is a server on a Unix socket as well.
    try await InstanceFixture.run { behind in
      let path = behind.socketPath
      try await InstanceFixture.run(
        to: nil, change: { $0.application = .unix(path: path) }
      ) { fixture in
        let heard = try await RawConnection(address: fixture.address).converse([
          (InstanceFixture.head("ana:"), "200 Connected\r\n\r\n"),
          ("GET /livez HTTP/1.0\r\n\r\n", "}"),
        ])
        #expect(heard.contains("HTTP/1.0 200 OK"), "\(heard)")
      }
    }
  }

  @Test("never leads back to the instance itself")
  func itself() async throws {
    try await InstanceFixture.run { fixture in
      let logger = fixture.configuration().logger
      for (host, own) in [
        ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("localhost", "0.0.0.0"),
        ("::1", "::"), ("10.0.0.1", "10.0.0.1"), ("0.0.0.0", "10.0.0.1"),
      ] {
        var configuration = InstanceConfiguration(
          id: fixture.id, profile: fixture.configuration().profile, listen: (own, 2_712),
          stateDirectory: fixture.folder + "/other", logger: logger)
        configuration.application = .tcp(try Address(host: host, port: 2_712))
        await #expect(throws: InstanceCannotStart.self) {
          _ = try await InstanceDaemon(configuration)
        }
      }
    }
    // A name that nobody has looked up yet is found out by its connection.
    try await InstanceFixture.run(to: nil) { fixture in
      await fixture.kill()
      // Another program may take the port that was free a moment ago: then it is a different one.
      try await eventually("the instance has a port that it knew before") {
        let free = try ClosedPort()
        let port = free.address.port
        free.release()
        var configuration = fixture.configuration()
        configuration.listen = ("127.0.0.1", port)
        configuration.checksApplication = false
        configuration.application = .tcp(try Address(host: "127.1", port: port))
        return (try? await fixture.start(configuration)) != nil
      }
      #expect(try await Self.refusal(fixture, "ana:").name == "application-unreachable")
    }
  }
}
