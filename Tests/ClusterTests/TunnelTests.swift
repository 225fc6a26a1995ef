import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ServiceSupport
import Synchronization
import TestSupport
import Testing

/// What goes through an instance to its application, over plain TCP and over TLS.
@Suite("A connection through an instance to its application", .timeLimit(.minutes(3)))
struct TunnelTests {
  @Test("bytes are never lost, doubled or reordered", arguments: [false, true])
  func bytes(tls: Bool) async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      let sent = pattern(4 << 20)
      let received = try await fixture.client.withApplication(in: session.opened) { stream in
        async let writing: Void = stream.writeAll(sent)
        let received = try await stream.read()
        try await writing
        return received
      }
      #expect(received == sent, "\(received.count) of \(sent.count)")
      let seen = try await eventually(
        "the connection is counted", { try await fixture.onlySession() }
      ) { $0?.connections == 0 }
      #expect(seen?.bytesFromClient == sent.count)
      #expect(seen?.bytesFromApplication == sent.count)
      #expect(seen?.activeAt != nil)
      withExtendedLifetime(session.events) {}
    }
  }

  @Test(
    "a half-close of the client reaches the application, which still answers",
    arguments: [false, true])
  func clientEnds(tls: Bool) async throws {
    let application = try TestApplication { socket in
      let request = socket.receiveAll()
      socket.send("\(request.count) bytes")
    }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      let answer = try await fixture.client.withApplication(in: session.opened) { stream in
        try await stream.write(pattern(100_000))
        stream.finish()
        return try await stream.read()
      }
      #expect(String(decoding: answer, as: UTF8.self) == "100000 bytes")
      withExtendedLifetime(session.events) {}
    }
  }

  @Test(
    "a half-close of the application reaches the client, which may still send",
    arguments: [false, true])
  func applicationEnds(tls: Bool) async throws {
    let (heard, hear) = AsyncStream.makeStream(of: [UInt8].self)
    let application = try TestApplication { socket in
      socket.send("goodbye")
      socket.finish()
      hear.yield(socket.receiveAll())
    }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      try await fixture.client.withApplication(in: session.opened) { stream in
        #expect(try await stream.read() == Array("goodbye".utf8))
        try await stream.write(Array("and thanks".utf8))
        stream.finish()
        for await last in heard {
          #expect(last == Array("and thanks".utf8))
          break
        }
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("a reset by the application reaches the client as a close", arguments: [false, true])
  func applicationResets(tls: Bool) async throws {
    let application = try TestApplication { socket in
      _ = socket.receive(exactly: 5)
      socket.resetAtEnd()
    }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      try await fixture.client.withApplication(in: session.opened) { stream in
        try await stream.write(Array("hello".utf8))
        // Over as an end or as a failure.
        #expect((try? await stream.read())?.isEmpty != false)
      }
      try await eventually("it is counted no more") {
        try await fixture.onlySession()?.connections == 0
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("a reset by the client reaches the application as a close")
  func clientResets() async throws {
    let (ended, end) = AsyncStream.makeStream(of: Int.self)
    let application = try TestApplication { socket in
      socket.send("ready")
      end.yield(socket.receiveAll().count)
    }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      let session = try await fixture.open()
      do {
        let (_, socket) = try await fixture.connect(session.opened.credentials)
        #expect(await onThread { socket.receive(exactly: 5) } == Array("ready".utf8))
        socket.resetAtEnd()
      }
      for await count in ended {
        #expect(count == 0)
        break
      }
      withExtendedLifetime(session.events) {}
    }
  }

  /// Limits that end everything but a tunnel long before the test does.
  private static var impatient: ServiceLimits {
    var limits = ServiceLimits()
    (limits.idleMilliseconds, limits.stallMilliseconds) = (1_000, 1_000)
    (limits.headMilliseconds, limits.bodyMilliseconds) = (5_000, 5_000)
    return limits
  }

  /// More than all kernels on the way hold.
  private static let much = 64 << 20

  @Test("an application that does not read makes the client wait, and loses nothing")
  func applicationPauses() async throws {
    let (told, tell) = AsyncStream.makeStream(of: [UInt8].self)
    let mayRead = DispatchSemaphore(value: 0)
    let application = try TestApplication { socket in
      mayRead.wait()
      tell.yield(socket.receiveAll())
    }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, limits: Self.impatient) { fixture in
      let session = try await fixture.open()
      let (head, socket) = try await fixture.connect(session.opened.credentials)
      #expect(head.hasPrefix("HTTP/1.1 200 "))
      let all = pattern(Self.much)
      // Three seconds without a byte: three times what an idle connection has.
      let sent = await onThread { socket.sendUntilStuck(all) }
      #expect(sent < Self.much / 2)
      let taken = try await fixture.onlySession()?.bytesFromClient ?? 0
      #expect(taken > 0 && taken < Self.much / 2)
      mayRead.signal()
      await onThread {
        socket.send(Array(all[sent...].prefix(1_000_000)))
        socket.finish()
      }
      for await received in told {
        #expect(received == Array(all.prefix(sent + 1_000_000)), "\(received.count) of \(sent)")
        break
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("a client that does not read makes the application wait, and loses nothing")
  func clientPauses() async throws {
    let (stuck, tell) = AsyncStream.makeStream(of: Int.self)
    let all = pattern(Self.much)
    let application = try TestApplication { socket in
      let sent = socket.sendUntilStuck(all)
      tell.yield(sent)
      socket.send(Array(all[sent...].prefix(1_000_000)))
    }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, limits: Self.impatient) { fixture in
      let session = try await fixture.open()
      let (_, socket) = try await fixture.connect(session.opened.credentials)
      for await sent in stuck {
        #expect(sent < Self.much / 2)
        let taken = try await fixture.onlySession()?.bytesFromApplication ?? 0
        #expect(taken > 0 && taken < Self.much / 2)
        let received = await onThread { socket.receiveAll() }
        #expect(received == Array(all.prefix(sent + 1_000_000)), "\(received.count) of \(sent)")
        break
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("a pause of the application over TLS loses nothing")
  func pauseOverTLS() async throws {
    let (told, tell) = AsyncStream.makeStream(of: [UInt8].self)
    let mayRead = DispatchSemaphore(value: 0)
    let application = try TestApplication { socket in
      mayRead.wait()
      tell.yield(socket.receiveAll())
    }
    defer { application.stop() }
    let limits = Self.impatient
    try await InstanceFixture.run(
      to: application.address, tls: true, limits: limits
    ) { fixture in
      let session = try await fixture.open()
      let sent = pattern(24 << 20)
      try await fixture.client.withApplication(in: session.opened) { stream in
        async let writing: Void = stream.writeAll(sent)
        try await eventually("some of it has come") {
          (try await fixture.onlySession()?.bytesFromClient ?? 0) > 100_000
        }
        mayRead.signal()
        try await writing
        for await received in told {
          #expect(received == sent, "\(received.count) of \(sent.count)")
          break
        }
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test(
    "a drain does not touch open connections, and an open session may open more",
    arguments: [false, true])
  func drained(tls: Bool) async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      let client = fixture.client
      try await client.withApplication(in: session.opened) { first in
        try await fixture.obey(
          admission: .rejecting,
          drain: Drain(startedAt: Timestamp(milliseconds: 0), startedWith: 1))
        try await client.withApplication(in: session.opened) { second in
          for stream in [first, second] {
            try await stream.write(Array("still here".utf8))
            #expect(try await stream.read(10) == Array("still here".utf8))
          }
        }
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("when a session ends, its connections close at once", arguments: [false, true])
  func sessionEnds(tls: Bool) async throws {
    let (ended, end) = AsyncStream.makeStream(of: Int.self)
    let application = try TestApplication { socket in end.yield(socket.receiveAll().count) }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      let client = fixture.client
      try await client.withApplication(in: session.opened) { stream in
        try await fixture.operators.endOwnSession(session.opened.session)
        #expect((try? await stream.read())?.isEmpty != false)
        for await count in ended {
          #expect(count == 0)
          break
        }
      }
      #expect(
        await refusalName(of: {
          try await client.withApplication(in: session.opened) { _ in true }
        }) == .unauthorized)
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("when its client goes, a session's connections close", arguments: [false, true])
  func clientGoes(tls: Bool) async throws {
    let (ended, end) = AsyncStream.makeStream(of: Int.self)
    let application = try TestApplication { socket in end.yield(socket.receiveAll().count) }
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      var session: (opened: SessionOpened, events: ClientSession.AsyncIterator)?
      session = try await fixture.open()
      let opened = try #require(session?.opened)
      try await fixture.client.withApplication(in: opened) { stream in
        session = nil
        #expect((try? await stream.read())?.isEmpty != false)
        for await _ in ended { break }
      }
      try await eventually("its place is free") {
        try await fixture.operators.ownSessions().isEmpty
      }
    }
  }

  @Test("a planned stop and a death end with connections open", arguments: [false, true])
  func stops(tls: Bool) async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    for isPlanned in [true, false] {
      try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
        let session = try await fixture.open()
        try await fixture.client.withApplication(in: session.opened) { stream in
          var pieces = stream.bytes.makeAsyncIterator()
          try await stream.write(Array("hello".utf8))
          #expect(try await pieces.next()?.isEmpty == false)
          if isPlanned { await fixture.stop() } else { await fixture.kill() }
          // Over as an end or as a failure.
          while let piece = try? await pieces.next() { #expect(piece.count < 5) }
        }
        withExtendedLifetime(session.events) {}
      }
    }
  }
}
