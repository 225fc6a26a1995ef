package import ClusterClient
package import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A server of HTTP/1.1 that does what a test's script says, mistakes included.
///
/// Bytes are written as the script gives them, so it can break every rule. Listens on a port that
/// the system chose, or on a Unix socket.
package final class ScriptedServer: Sendable {
  /// Called for every request. Its task is cancelled when the client goes away, so that a script
  /// may wait forever.
  package typealias Script = @Sendable (ScriptedRequest, ScriptedReply) async throws -> Void

  private struct Connection {
    var channel: any Channel
    var task: Task<Void, Never>
  }

  private let script: Script
  private let place = Mutex<Endpoint>(.unix(path: "/"))
  private let log = Mutex<[ScriptedRequest]>([])
  private let connections = Mutex<[Connection]>([])

  private init(script: @escaping Script) { self.script = script }

  package var endpoint: Endpoint { place.withLock { $0 } }

  /// Host and port of a server that listens on TCP.
  package var address: Address {
    get throws {
      guard case .http(let address) = endpoint else { throw NotOnTCP() }
      return address
    }
  }

  private struct NotOnTCP: Error {}

  /// All requests so far, in the order of their arrival.
  package var requests: [ScriptedRequest] { log.withLock { $0 } }

  /// Serves while the body runs; every connection is closed when it returns.
  package static func run<Value: Sendable>(
    socket: String? = nil, script: @escaping Script,
    _ body: @Sendable (ScriptedServer) async throws -> Value
  ) async throws -> Value {
    let server = ScriptedServer(script: script)
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 1_024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try server.begin(channel) }
      }
    let listener: any Channel
    if let socket {
      listener = try await bootstrap.bind(
        unixDomainSocketPath: socket, cleanupExistingSocketFile: true
      ).get()
      server.place.withLock { $0 = .unix(path: socket) }
    } else {
      listener = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
      let address = try Address(host: "127.0.0.1", port: listener.localAddress?.port ?? 0)
      server.place.withLock { $0 = .http(address) }
    }
    let result: Result<Value, any Error>
    do { result = .success(try await body(server)) } catch { result = .failure(error) }
    try? await listener.close()
    await server.closeAll()
    return try result.get()
  }

  /// Takes a connection; called on its event loop.
  private func begin(_ channel: any Channel) throws {
    let bytes = AsyncStream.makeStream(of: ByteBuffer.self)
    try channel.pipeline.syncOperations.addHandler(
      ConnectionHandler(arrived: bytes.continuation))
    let task = Task { await self.talk(ScriptedReply(channel: channel), bytes.stream) }
    connections.withLock { $0.append(Connection(channel: channel, task: task)) }
  }

  private func closeAll() async {
    for connection in connections.withLock({ $0 }) {
      connection.task.cancel()
      try? await connection.channel.close()
      await connection.task.value
    }
  }

  /// One connection: its requests in turn, until the client or the script closes it.
  private func talk(_ reply: ScriptedReply, _ arriving: AsyncStream<ByteBuffer>) async {
    let requests = AsyncStream.makeStream(of: ScriptedRequest.self)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await request in requests.stream { try? await self.script(request, reply) }
      }
      var parser = ScriptedRequestParser()
      for await bytes in arriving {
        for request in parser.consume(bytes.readableBytesView) {
          requests.continuation.yield(self.number(request))
        }
      }
      group.cancelAll()  // the client is gone
    }
  }

  private func number(_ request: ScriptedRequest) -> ScriptedRequest {
    log.withLock { log in
      var numbered = request
      numbered.number = log.count + 1
      log.append(numbered)
      return numbered
    }
  }
}

/// Hands the bytes of a connection on, and says when it is closed.
private final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let arrived: AsyncStream<ByteBuffer>.Continuation

  init(arrived: AsyncStream<ByteBuffer>.Continuation) { self.arrived = arrived }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    arrived.yield(unwrapInboundIn(data))
  }

  func channelInactive(context: ChannelHandlerContext) { arrived.finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
