import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import Logging
import ServiceSupport
import TestSupport
import Testing

/// Who comes in by `CONNECT`, where that leads, and what is written down of it.
@Suite("The door of a tunnel", .timeLimit(.minutes(2)))
struct TunnelDoorTests {
  @Test("leads to the instance's application and nowhere else, whatever authority is named")
  func authority() async throws {
    let (application, other) = (
      try TestApplication { $0.send("mine") }, try TestApplication { $0.send("another") }
    )
    defer {
      application.stop()
      other.stop()
    }
    try await InstanceFixture.run(to: application.address) { fixture in
      for authority in ["\(other.address)", "[::1]:22", "example.org:443", "\(fixture.address)"] {
        let head = InstanceFixture.head("ana:").replacing("app:1", with: authority)
        let socket = try BlockingSocket(to: fixture.address)
        let text = await onThread {
          socket.send(head)
          return String(decoding: socket.receiveAll(), as: UTF8.self)
        }
        #expect(text == "HTTP/1.1 200 Connected\r\n\r\nmine", "\(authority)")
      }
    }
    #expect(other.connections == 0)
  }

  @Test("a name that contains a colon has its session from POST /v1/sessions")
  func colons() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      let (refusal, _) = try await fixture.connect("contoso:ana:")
      #expect(refusal.hasPrefix("HTTP/1.1 407 "), "\(refusal)")
      let session = try await fixture.client.openSession(
        SessionRequest(kind: .client, user: "contoso:ana", computer: "pc1"))
      var events = session.makeAsyncIterator()
      guard case .open(let opened) = try await events.next() else {
        throw Unexpected("the first event is not open")
      }
      let (head, socket) = try await fixture.connect(opened.credentials)
      #expect(head.hasPrefix("HTTP/1.1 200 "))
      let only = try await fixture.onlySession()
      #expect(only?.user == "contoso:ana" && only?.connections == 1)
      withExtendedLifetime((events, socket)) {}
    }
  }

  @Test("the ticket of a session that is one connection is told to the balancers")
  func ticket() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      var feed = try await LoadFeedReader(fixture.balancer())
      guard case .hello = try await feed.next() else { throw Unexpected("no hello") }
      let (head, socket) = try await fixture.connect("ana:", fields: "AOS-Ticket: t7\r\n")
      #expect(head.hasPrefix("HTTP/1.1 200 "))
      while try await feed.next() != .load(LoadReport(connected: 1)) {}
      #expect(feed.tickets == ["t7"])
      withExtendedLifetime(socket) {}
    }
  }

  @Test(
    "a client that goes with bytes unread is a close to the application", arguments: [false, true])
  func unread(tls: Bool) async throws {
    let (ended, end) = AsyncStream.makeStream(of: Int.self)
    let application = try TestApplication { socket in
      socket.send(pattern(4 << 20))
      end.yield(socket.receiveAll().count)
    }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      try await fixture.client.withApplication(in: session.opened) { stream in
        _ = try await stream.read(1)
      }
      for await count in ended {
        #expect(count == 0)
        break
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("a session with a stream lives on when its tunnel ends", arguments: [false, true])
  func livesOn(tls: Bool) async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      for _ in 0..<2 {
        try await fixture.client.withApplication(in: session.opened) { stream in
          try await stream.writeAll(Array("hello".utf8))
          #expect(try await stream.read() == Array("hello".utf8))
        }
        try await eventually("its end is noticed") {
          try await fixture.onlySession()?.connections == 0
        }
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("no line of the log has what was in Proxy-Authorization")
  func log() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    let log = KeptLog()
    try await InstanceFixture.run(
      to: application.address, change: { $0.logger = Logger(label: "test") { _ in log } }
    ) { fixture in
      let session = try await fixture.open()
      let all = [session.opened.credentials, "\(session.opened.session):wrongword", "ana:"]
      for credentials in all { _ = try await fixture.connect(credentials) }
      _ = try await fixture.connect(nil, fields: "Proxy-Authorization: Bearer wrongword\r\n")
      await fixture.stop()
      let encoded = all.map { Data($0.utf8).base64EncodedString() }
      #expect(log.count > 0)
      for line in log.lines {
        for word in encoded + [session.opened.secret, "wrongword", "Proxy-Authorization"] {
          #expect(!line.contains(word), "\(line)")
        }
      }
    }
  }
}
