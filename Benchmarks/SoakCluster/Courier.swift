internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import RealPrograms

/// The application behind the instances: gives back what it gets. Nobody kills it.
struct EchoServer: Sendable {
  let address: Address

  /// - Throws: Where no port is free.
  init() throws {
    address = try Async.wait {
      let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.backlog, value: 1_024)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Echo())
          }
        }
        .bind(host: "127.0.0.1", port: 0).get()
      return try Address(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }
  }

  private final class Echo: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.write(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
  }
}

/// Carries blocks through a session's connection to the application and back, and looks at every
/// byte of them. A connection may be cut by a death, but no byte may ever be another one.
struct Courier: Sendable {
  /// Where a client has its session.
  struct Place: Sendable {
    var server: HandshakeServer
    var session: SessionOpened
  }

  let number: Int
  let witness: Witness
  let transport: HTTPTransport

  /// Until the task is cancelled.
  func run(_ places: AsyncStream<Place>) async {
    for await place in places { try? await carry(at: place) }
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(1)) }
  }

  private func carry(at place: Place) async throws {
    var random = SplitMix64(seed: UInt64(SteadyClock.nanoseconds) &+ UInt64(number))
    let server = ClusterConnection(
      Endpoint(place.server.address, tls: place.server.tls), transport: transport)
    try await server.withApplication(in: place.session) { stream in
      var pieces = stream.bytes.makeAsyncIterator()
      while !Task.isCancelled {
        let block = Self.block(&random)
        try await stream.write(block)
        var came: [UInt8] = []
        while came.count < block.count, let piece = try await pieces.next() { came += piece }
        guard block.starts(with: came) else {
          return witness.broke("client \(number) got bytes that it never sent, through a tunnel")
        }
        guard came.count == block.count else { return }
        witness.counted { $0.blocks += 1 }
        try await Task.sleep(for: .milliseconds(Int.random(in: 100...1_000, using: &random)))
      }
    }
  }

  /// 1 to 48 KiB, like no other.
  private static func block(_ random: inout SplitMix64) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 128...6_144, using: &random) {
      let word: UInt64 = random.next()
      withUnsafeBytes(of: word) { bytes += $0 }
    }
    return bytes
  }
}
