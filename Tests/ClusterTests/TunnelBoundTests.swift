import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import NIOCore
import NIOEmbedded
import NIOPosix
import ScriptedServer
import ServiceSupport
import TestSupport
import Testing

/// What a tunnel costs, and what it refuses, over plain TCP and over TLS.
@Suite("A connection through an instance is bounded", .timeLimit(.minutes(3)))
struct TunnelBoundTests {
  /// Counts how often an end is read.
  private final class Reads: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) {
      count += 1
      context.read()
    }
  }

  /// Two ends of a tunnel without sockets.
  private struct Ends {
    let client = EmbeddedChannel()
    let application = EmbeddedChannel()
    let reads = Reads()

    init() throws {
      let (one, two) = (TunnelSide(), TunnelSide())
      try client.pipeline.syncOperations.addHandlers([reads, one])
      try application.pipeline.syncOperations.addHandler(two)
      for channel in [client, application] {
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
      }
      TunnelSide.join(one, two)
    }
  }

  @Test("holds 128 KiB for a peer that takes nothing: half of them wait, one read is under way")
  func bytes() throws {
    let ends = try Ends()
    #expect(ends.reads.count == 1)
    let half = Limits.tunnelBytes / 2
    // Below the mark the client is read on; a read of half of the limit may be the last one.
    try ends.client.writeInbound(ByteBuffer(repeating: 1, count: half))
    #expect(ends.reads.count == 2)
    ends.application.isWritable = false
    ends.application.pipeline.fireChannelWritabilityChanged()
    try ends.client.writeInbound(ByteBuffer(repeating: 2, count: half))
    #expect(ends.reads.count == 2, "nothing more is read")
    ends.application.isWritable = true
    ends.application.pipeline.fireChannelWritabilityChanged()
    #expect(ends.reads.count == 3)
    var came = 0
    while let piece = try ends.application.readOutbound(as: ByteBuffer.self) {
      came += piece.readableBytes
    }
    #expect(came == Limits.tunnelBytes)
    _ = try? ends.client.finish()
    _ = try? ends.application.finish()
  }

  @Test("has sockets that stop at that mark, and read no more than half of it at once")
  func sockets() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: application.address.host, port: application.address.port).get()
    try await channel.eventLoop.submit { try TunnelSocket.prepare(channel) }.get()
    let mark = try await channel.getOption(.writeBufferWaterMark).get()
    #expect(mark.high == Limits.tunnelBytes / 2)
    #expect(mark.low < mark.high)
    #expect(try await channel.getOption(.maxMessagesPerRead).get() == 1)
    #expect(try await !channel.getOption(.autoRead).get())
    let allocator = try #require(
      try await channel.getOption(.recvAllocator).get() as? AdaptiveRecvByteBufferAllocator)
    #expect(allocator.maximum == Limits.tunnelBytes / 2)
    try await channel.close().get()
  }

  @Test("finds a peer that is gone by keep-alive, and gives one that only pauses all its time")
  func keepAlive() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: application.address.host, port: application.address.port).get()
    func option(
      _ level: NIOBSDSocket.OptionLevel, _ name: NIOBSDSocket.Option
    ) -> ChannelOptions.Types.SocketOption { .init(level: level, name: name) }
    let patience = option(.tcp, .init(rawValue: 18))  // TCP_USER_TIMEOUT
    // As a connection has it before it is a tunnel.
    try await channel.setOption(patience, value: 30_000).get()
    try await channel.eventLoop.submit { try TunnelSocket.prepare(channel) }.get()
    #expect(try await channel.getOption(patience).get() == 0)
    #expect(try await channel.getOption(option(.socket, .so_keepalive)).get() == 1)
    #expect(try await channel.getOption(option(.tcp, .init(rawValue: TCP_KEEPIDLE))).get() == 10)
    try await channel.close().get()
  }

  /// What a connection in a session is refused with; nil where it is opened.
  private static func refusal(
    _ fixture: InstanceFixture, _ session: SessionOpened
  ) async -> ProblemName? {
    await refusalName { try await fixture.client.withApplication(in: session) { _ in true } }
  }

  @Test("is refused with the same words over TLS", arguments: [false, true])
  func refusals(tls: Bool) async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address, tls: tls) { fixture in
      let session = try await fixture.open()
      var other = session.opened
      other.secret = "x"
      #expect(await Self.refusal(fixture, other) == .unauthorized)
      #expect(await Self.refusal(fixture, session.opened) == nil)
      try await fixture.client.withManyApplications(64, in: session.opened) {
        #expect(await Self.refusal(fixture, session.opened) == .tooMany)
      }
      withExtendedLifetime(session.events) {}
    }
    try await InstanceFixture.run(to: nil, tls: tls) { fixture in
      let session = try await fixture.open()
      #expect(await Self.refusal(fixture, session.opened) == .noApplication)
      withExtendedLifetime(session.events) {}
    }
    let closed = try ClosedPort()
    defer { closed.release() }
    try await InstanceFixture.run(to: closed.address, tls: tls) { fixture in
      let session = try await fixture.open()
      #expect(await Self.refusal(fixture, session.opened) == .applicationUnreachable)
      withExtendedLifetime(session.events) {}
    }
    try await InstanceFixture.run(
      to: application.address, tls: tls,
      change: { $0.allowedToConnect = [try NetworkRange("10.0.0.0/8")] }
    ) { fixture in
      let session = try await fixture.open()
      #expect(await Self.refusal(fixture, session.opened) == .forbidden)
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("makes the application wait for a client that does not read over TLS, and loses nothing")
  func stuckReaderOverTLS() async throws {
    let (stuck, tell) = AsyncStream.makeStream(of: Int.self)
    let all = pattern(64 << 20)
    let application = try TestApplication { socket in
      let sent = socket.sendUntilStuck(all)
      tell.yield(sent)
      socket.send(Array(all[sent...].prefix(1_000_000)))
    }
    defer { application.stop() }
    var limits = ServiceLimits()
    (limits.idleMilliseconds, limits.stallMilliseconds) = (1_000, 1_000)
    try await InstanceFixture.run(
      to: application.address, tls: true, limits: limits
    ) { fixture in
      let session = try await fixture.open()
      try await fixture.client.withApplication(in: session.opened) { stream in
        for await sent in stuck {
          #expect(sent < all.count / 2)
          let received = try await stream.read()
          #expect(received == Array(all.prefix(sent + 1_000_000)), "\(received.count) of \(sent)")
          break
        }
      }
      withExtendedLifetime(session.events) {}
    }
  }
}

extension ClusterConnection {
  /// Opens this many connections in a session, and keeps them while the body runs.
  fileprivate func withManyApplications(
    _ count: Int, in session: SessionOpened, _ body: () async throws -> Void
  ) async throws {
    guard count > 0 else { return try await body() }
    try await withApplication(in: session) { _ in
      try await withManyApplications(count - 1, in: session, body)
    }
  }
}
