import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import ScriptedServer
import Synchronization
import TestSupport
import Testing

/// What `ApplicationForward` leads through a session, over plain TCP and over TLS.
@Suite("A port that leads into a session", .timeLimit(.minutes(3)))
struct ForwardTests {
  /// An instance, and a port that leads to its application.
  private static func run(
    to serve: @escaping @Sendable (BlockingSocket) -> Void, tls: Bool = false,
    rejoins: Bool = false,
    _ test: (InstanceFixture, ApplicationForward, Address) async throws -> Void
  ) async throws {
    let application = try TestApplication(serve)
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let forward = ApplicationForward(rejoins: rejoins)
      let port = try await forward.listen(at: .tcp(host: "127.0.0.1", port: 0))
      let result: Result<Void, any Error>
      do {
        try await test(fixture, forward, Address(host: "127.0.0.1", port: port ?? 0))
        result = .success(())
      } catch {
        result = .failure(error)
      }
      await forward.close()
      try result.get()
    }
  }

  private static let echo: @Sendable (BlockingSocket) -> Void = { socket in
    while case let bytes = socket.receive(), !bytes.isEmpty { socket.send(bytes) }
  }

  @Test("bytes are never lost, doubled or reordered", arguments: [false, true])
  func bytes(tls: Bool) async throws {
    try await Self.run(to: Self.echo, tls: tls) { fixture, forward, address in
      let session = try await fixture.open()
      _ = forward.route(to: fixture.client, in: session.opened)
      let sent = pattern(4 << 20)
      let socket = try BlockingSocket(to: address)
      async let writing: Void = onThread {
        socket.send(sent)
        socket.finish()
      }
      let received = await onThread { socket.receiveAll() }
      await writing
      #expect(received == sent, "\(received.count) of \(sent.count)")
      withExtendedLifetime(session.events) {}
    }
  }

  @Test(
    "a half-close of the program reaches the application, which still answers",
    arguments: [false, true])
  func clientEnds(tls: Bool) async throws {
    try await Self.run(to: { $0.send("\($0.receiveAll().count) bytes") }, tls: tls) {
      fixture, forward, address in
      let session = try await fixture.open()
      _ = forward.route(to: fixture.client, in: session.opened)
      let socket = try BlockingSocket(to: address)
      let answer = await onThread {
        socket.send(pattern(100_000))
        socket.finish()
        return socket.receiveAll()
      }
      #expect(String(decoding: answer, as: UTF8.self) == "100000 bytes")
      withExtendedLifetime(session.events) {}
    }
  }

  @Test(
    "a half-close of the application reaches the program, which may still send",
    arguments: [false, true])
  func applicationEnds(tls: Bool) async throws {
    let (heard, hear) = AsyncStream.makeStream(of: [UInt8].self)
    try await Self.run(
      to: { socket in
        socket.send("goodbye")
        socket.finish()
        hear.yield(socket.receiveAll())
      }, tls: tls
    ) { fixture, forward, address in
      let session = try await fixture.open()
      _ = forward.route(to: fixture.client, in: session.opened)
      let socket = try BlockingSocket(to: address)
      let first = await onThread {
        let first = socket.receiveAll()
        socket.send("and thanks")
        socket.finish()
        return first
      }
      #expect(first == Array("goodbye".utf8))
      for await last in heard {
        #expect(last == Array("and thanks".utf8))
        break
      }
      withExtendedLifetime(session.events) {}
    }
  }

  /// More than all kernels on the way hold.
  private static let much = 64 << 20

  @Test(
    "an application that does not read makes the program wait, and loses nothing",
    arguments: [false, true])
  func applicationPauses(tls: Bool) async throws {
    let (told, tell) = AsyncStream.makeStream(of: [UInt8].self)
    let mayRead = DispatchSemaphore(value: 0)
    try await Self.run(
      to: { socket in
        mayRead.wait()
        tell.yield(socket.receiveAll())
      }, tls: tls
    ) { fixture, forward, address in
      let session = try await fixture.open()
      _ = forward.route(to: fixture.client, in: session.opened)
      let socket = try BlockingSocket(to: address)
      let all = pattern(Self.much)
      let sent = await onThread { socket.sendUntilStuck(all) }
      #expect(sent < Self.much / 2)
      mayRead.signal()
      await onThread { socket.finish() }
      for await received in told {
        #expect(received == Array(all.prefix(sent)), "\(received.count) of \(sent)")
        break
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test(
    "a program that does not read makes the application wait, and loses nothing",
    arguments: [false, true])
  func clientPauses(tls: Bool) async throws {
    let (stuck, tell) = AsyncStream.makeStream(of: Int.self)
    let all = pattern(Self.much)
    try await Self.run(to: { tell.yield($0.sendUntilStuck(all)) }, tls: tls) {
      fixture, forward, address in
      let session = try await fixture.open()
      _ = forward.route(to: fixture.client, in: session.opened)
      let socket = try BlockingSocket(to: address)
      for await sent in stuck {
        #expect(sent < Self.much / 2)
        let received = await onThread { socket.receiveAll() }
        #expect(received == Array(all.prefix(sent)), "\(received.count) of \(sent)")
        break
      }
      withExtendedLifetime(session.events) {}
    }
  }

  @Test(
    "when the session ends, its connections close at once", arguments: [false, true], [false, true])
  func sessionEnds(isToldHere: Bool, tls: Bool) async throws {
    try await Self.run(to: Self.echo, tls: tls) { fixture, forward, address in
      let session = try await fixture.open()
      let route = forward.route(to: fixture.client, in: session.opened)
      let socket = try BlockingSocket(to: address)
      #expect(
        await onThread {
          socket.send("hello")
          return socket.receive(exactly: 5)
        } == Array("hello".utf8))
      if isToldHere {
        route.end()
      } else {
        try await fixture.operators.endOwnSession(session.opened.session)
      }
      #expect(await onThread { socket.receiveAll() } == [])
      withExtendedLifetime(session.events) {}
    }
  }

  @Test(
    "a connection that comes while there is no session waits for the next one",
    arguments: [false, true])
  func waits(tls: Bool) async throws {
    try await Self.run(to: Self.echo, tls: tls, rejoins: true) { fixture, forward, address in
      let early = try BlockingSocket(to: address)
      await onThread { _ = early.send("early") }
      let first = try await fixture.open()
      _ = forward.route(to: fixture.client, in: first.opened)
      #expect(await onThread { early.receive(exactly: 5) } == Array("early".utf8))
      // Here nobody has heard of the end of this one.
      try await fixture.operators.endOwnSession(first.opened.session)
      let late = try BlockingSocket(to: address)
      await onThread { _ = late.send("later") }
      let second = try await fixture.open()
      _ = forward.route(to: fixture.client, in: second.opened)
      #expect(await onThread { late.receive(exactly: 5) } == Array("later".utf8))
      withExtendedLifetime((first.events, second.events)) {}
    }
  }

  @Test("a connection that has not reached the application when its session ends gets the next one")
  func orphaned() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.hang()
    } _: { silent in
      try await Self.run(to: Self.echo, rejoins: true) { fixture, forward, address in
        let hanging = ClusterConnection(silent.endpoint, transport: fixture.transport)
        let first = forward.route(
          to: hanging, in: SessionOpened(session: "s1", secret: "hush"))
        let socket = try BlockingSocket(to: address)
        await onThread { _ = socket.send("hello") }
        try await eventually("it asks") { silent.requests.contains { $0.method == "CONNECT" } }
        first.end()
        let session = try await fixture.open()
        _ = forward.route(to: fixture.client, in: session.opened)
        #expect(await onThread { socket.receive(exactly: 5) } == Array("hello".utf8))
        withExtendedLifetime(session.events) {}
      }
    }
  }

  @Test(
    "an earlier session keeps its connections, and is left when the last has ended",
    arguments: [false, true])
  func leaves(tls: Bool) async throws {
    try await Self.run(to: Self.echo, tls: tls) { fixture, forward, address in
      let first = try await fixture.open()
      let earlier = forward.route(to: fixture.client, in: first.opened)
      let socket = try BlockingSocket(to: address)
      await onThread {
        socket.send("a")
        _ = socket.receive(exactly: 1)
      }
      let second = try await fixture.open()
      let later = forward.route(to: fixture.client, in: second.opened)
      await later.finish()  // it has none
      let isLeft = Flag()
      let leaving = Task {
        await earlier.finish()
        isLeft.raise()
      }
      #expect(
        await onThread {
          socket.send("b")
          return socket.receive(exactly: 1)
        } == Array("b".utf8))
      #expect(!isLeft.isRaised)
      await onThread {
        socket.finish()
        _ = socket.receiveAll()
      }
      await leaving.value
      withExtendedLifetime((first.events, second.events)) {}
    }
  }

  @Test("why a connection was closed is told", arguments: [false, true])
  func failure(tls: Bool) async throws {
    try await InstanceFixture.run(to: nil, tls: tls) { fixture in
      let (told, tell) = AsyncStream.makeStream(of: ClientFailure.self)
      let forward = ApplicationForward { tell.yield($0) }
      let port = try await forward.listen(at: .tcp(host: "127.0.0.1", port: 0))
      let session = try await fixture.open()
      _ = forward.route(to: fixture.client, in: session.opened)
      let socket = try BlockingSocket(to: Address(host: "127.0.0.1", port: port ?? 0))
      #expect(await onThread { socket.receiveAll() } == [])
      for await failure in told {
        #expect(failure.name == .noApplication)
        break
      }
      await forward.close()
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("more connections than may wait are closed")
  func tooMany() async throws {
    let (told, tell) = AsyncStream.makeStream(of: ClientFailure.self)
    let forward = ApplicationForward { tell.yield($0) }
    let port = try await forward.listen(at: .tcp(host: "127.0.0.1", port: 0))
    let address = try Address(host: "127.0.0.1", port: port ?? 0)
    let sockets = try (0...ApplicationForward.mostWaiting).map { _ in
      try BlockingSocket(to: address)
    }
    for await failure in told {
      #expect(failure == .unreachable("too many connections wait for a session"))
      break
    }
    await forward.close()
    withExtendedLifetime(sockets) {}
  }

  @Test("a Unix socket is this user's alone, and goes with the program that listens")
  func unixSocket() async throws {
    let folder = "/tmp/aosf-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/app.sock"
    let forward = ApplicationForward()
    #expect(try await forward.listen(at: .unix(path: path)) == nil)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    // A living program keeps its path.
    let second = ApplicationForward()
    let taken = ClientFailure.unreachable("another program answers at this socket already")
    await #expect(throws: taken) {
      try await second.listen(at: .unix(path: path))
    }
    // Another socket at the path stays; one of its own goes.
    try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
    let third = ApplicationForward()
    _ = try await third.listen(at: .unix(path: path))
    await forward.close()
    #expect(FileManager.default.fileExists(atPath: path))
    await third.close()
    #expect(!FileManager.default.fileExists(atPath: path))
    // What a dead program left over is replaced.
    let fourth = ApplicationForward()
    try FileManager.default.moveItem(atPath: path + ".old", toPath: path)
    _ = try await fourth.listen(at: .unix(path: path))
    await fourth.close()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }
}

/// Something that happened.
private final class Flag: Sendable {
  private let value = Mutex(false)

  var isRaised: Bool { value.withLock { $0 } }

  func raise() { value.withLock { $0 = true } }
}
