import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import NIOCore
import ScriptedServer
import ServiceSupport
import TestSupport
import Testing

/// The application behind a real instance: whether it is up, and what it is told.
@Suite("The application behind an instance", .timeLimit(.minutes(2)))
struct ApplicationTests {
  private static func checked(_ configuration: inout InstanceConfiguration) {
    (configuration.checksApplication, configuration.guardsApplication) = (true, true)
  }

  /// What a CONNECT of a user is answered with; nil where it is opened.
  private static func refusal(_ fixture: InstanceFixture) async throws -> String? {
    let (head, _) = try await fixture.connect("ana:")
    return head.hasPrefix("HTTP/1.1 200 ") ? nil : head
  }

  @Test(
    "is down: it takes no new sessions and keeps the open ones; then up, with its metric",
    arguments: [false, true])
  func downAndUp(tls: Bool) async throws {
    // An instance is a server on a Unix socket as well; a link leads to it or does not.
    try await InstanceFixture.run { behind in
      let link = "\(behind.folder)/app"
      try await InstanceFixture.run(
        to: nil, tls: tls,
        change: {
          $0.application = .unix(path: link)
          Self.checked(&$0)
        }
      ) { fixture in
        try await eventually("the instance has looked") {
          try await fixture.refusal() == .applicationDown
        }
        #expect(try await fixture.metric("aos_application_up") == "0")
        if !tls {
          let head = try #require(try await Self.refusal(fixture))
          #expect(head.hasPrefix("HTTP/1.1 503 "))
        }
        let files = FileManager.default
        try files.createSymbolicLink(atPath: link, withDestinationPath: behind.socketPath)
        try await eventually("the instance has looked again") {
          try await fixture.refusal() == nil
        }
        #expect(try await fixture.metric("aos_application_up") == "1")
        let session = try await fixture.open()
        try files.removeItem(atPath: link)
        try await eventually("the failed CONNECT is looked into") {
          _ = await refusalName {
            try await fixture.client.withApplication(in: session.opened) { _ in true }
          }
          return try await fixture.metric("aos_application_up") == "0"
        }
        let open = try await fixture.operators.ownSessions().map(\.session)
        #expect(open.contains(session.opened.session))
        withExtendedLifetime(session.events) {}
      }
    }
  }

  @Test("that is down is told in the load feed, with its reason")
  func feed() async throws {
    let closed = try ClosedPort()
    defer { closed.release() }
    try await InstanceFixture.run(to: closed.address, change: Self.checked) { fixture in
      var items = try await fixture.balancer().events("/v1/load", silenceMilliseconds: 60_000)
        .makeAsyncIterator()
      while let item = try await items.next() {
        guard case .event(let event) = item, event.name == LoadEventName.load else { continue }
        let report: LoadReport = try event.decoded()
        guard let application = report.application else { continue }
        #expect(application.isDown)
        #expect(application.reason?.contains("refused") == true)
        return
      }
      Issue.record("the feed ended")
    }
  }

  @Test(
    "that ends every connection at once is met by few clients, and the screen names it",
    arguments: [false, true])
  func blackHole(tls: Bool) async throws {
    let application = try TestApplication { _ in }
    defer { application.stop() }
    try await InstanceFixture.run(
      to: application.address, tls: tls, maximum: 1_000, change: Self.checked
    ) { fixture in
      var refusal: Problem?
      for _ in 0..<900 where refusal == nil {
        do {
          let session = try await fixture.open()
          _ = try? await fixture.client.withApplication(in: session.opened) {
            try await $0.read()
          }
        } catch ClientFailure.problem(let problem) {
          refusal = problem
        }
      }
      #expect(refusal?.name == .applicationDown, "nothing keeps clients away")
      #expect(refusal?.detail.contains("black hole") == true)
    }
  }

  @Test("that waits for its clients' words is never taken for a black hole")
  func silentApplication() async throws {
    let application = try TestApplication { socket in
      // Garbage ends a connection at once; silence does not.
      _ = socket.receive()
    }
    defer { application.stop() }
    try await InstanceFixture.run(
      to: application.address, maximum: 1_000, change: Self.checked
    ) { fixture in
      for _ in 0..<20 {
        let (head, socket) = try await fixture.connect("ana:", more: "garbage")
        #expect(head.hasPrefix("HTTP/1.1 200 "), "\(head)")
        _ = await onThread { socket.receiveAll() }
      }
      #expect(try await fixture.refusal() == nil)
    }
  }

  @Test("hears its client's address with the PROXY protocol, and LOCAL for the Unix socket")
  func proxyProtocol() async throws {
    let application = try TestApplication { socket in
      socket.send(socket.receiveAll())
    }
    defer { application.stop() }
    try await InstanceFixture.run(
      to: application.address, change: { $0.speaksProxyProtocol = true }
    ) { fixture in
      let socket = try BlockingSocket(to: fixture.address)
      let head = InstanceFixture.head("ana:")
      let heard = await onThread { () -> [UInt8] in
        socket.send(head + "early")
        socket.finish()
        _ = socket.receive(until: "\r\n\r\n")
        return socket.receiveAll()
      }
      try #require(heard.count > 28)
      #expect(Array(heard.prefix(14)) == ProxyHeaderTests.signature + [0x21, 0x11])
      let here = fixture.address.port
      #expect(Array(heard[14..<24]) == [0, 12, 127, 0, 0, 1, 127, 0, 0, 1])
      #expect(Array(heard[26..<28]) == [UInt8(here >> 8), UInt8(here & 0xFF)])
      #expect(Array(heard[28...]) == Array("early".utf8))
    }
    let local = try TestApplication { socket in
      let start = socket.receive(exactly: 16)
      socket.send(start == ProxyHeaderTests.local ? "local" : "other")
    }
    defer { local.stop() }
    try await InstanceFixture.run(
      to: local.address, change: { $0.speaksProxyProtocol = true }
    ) { fixture in
      let heard = try await RawConnection(.unix(path: fixture.socketPath)).converse([
        (InstanceFixture.head("ana:"), "local")
      ])
      #expect(heard.hasSuffix("local"))
    }
  }
}

/// The bytes of the header, by the document of HAProxy.
@Suite("The header of the PROXY protocol, version 2")
struct ProxyHeaderTests {
  static let signature: [UInt8] = [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
  ]
  static let local = signature + [0x20, 0x00, 0x00, 0x00]

  private static func address(_ text: String, _ port: Int) throws -> SocketAddress {
    try SocketAddress(ipAddress: text, port: port)
  }

  @Test("names both ends over IPv4")
  func four() throws {
    let bytes = ProxyHeader.bytes(
      source: try Self.address("192.0.2.7", 0x1234),
      destination: try Self.address("198.51.100.9", 2_712))
    #expect(
      bytes == Self.signature
        + [0x21, 0x11, 0, 12, 192, 0, 2, 7, 198, 51, 100, 9, 0x12, 0x34, 0x0A, 0x98])
  }

  @Test("names both ends over IPv6, and IPv4 behind it as IPv4")
  func six() throws {
    let bytes = ProxyHeader.bytes(
      source: try Self.address("2001:db8::1", 1), destination: try Self.address("::1", 2))
    let source: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1]
    let destination: [UInt8] = Array(repeating: 0, count: 15) + [1]
    #expect(
      bytes == Self.signature + [0x21, 0x21, 0, 36] + source + destination + [0, 1, 0, 2])
    let mapped = ProxyHeader.bytes(
      source: try Self.address("::ffff:192.0.2.7", 1),
      destination: try Self.address("::ffff:198.51.100.9", 2))
    let four = ProxyHeader.bytes(
      source: try Self.address("192.0.2.7", 1), destination: try Self.address("198.51.100.9", 2))
    #expect(mapped == four)
  }

  @Test("is LOCAL where there is no address, and where the instance itself looks")
  func unix() throws {
    #expect(ProxyHeader.bytes(source: nil, destination: nil) == Self.local)
    let path = try SocketAddress(unixDomainSocketPath: "/run/app.sock")
    #expect(ProxyHeader.bytes(source: path, destination: path) == Self.local)
  }
}

extension InstanceFixture {
  /// The value of a metric without labels; nil where it is not told.
  func metric(_ name: String) async throws -> String? {
    let text = String(decoding: try await operators.raw(.get, "/metrics").bytes, as: UTF8.self)
    return text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }?
      .split(separator: " ").last.map(String.init)
  }
}
