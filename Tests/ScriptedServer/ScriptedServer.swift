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
  /// may wait for ever.
  package typealias Script = @Sendable (ScriptedRequest, ScriptedReply) async throws -> Void

  package let endpoint: Endpoint
  private let log = Mutex<[ScriptedRequest]>([])

  private init(endpoint: Endpoint) { self.endpoint = endpoint }

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
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 1_024)
    let wrap = { @Sendable (channel: any Channel) in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
    let listener =
      if let socket {
        try await bootstrap.bind(
          unixDomainSocketPath: socket, cleanupExistingSocketFile: true,
          childChannelInitializer: wrap)
      } else {
        try await bootstrap.bind(host: "127.0.0.1", port: 0, childChannelInitializer: wrap)
      }
    let port = listener.channel.localAddress?.port ?? 0
    let endpoint =
      try socket.map { Endpoint.unix(path: $0) }
      ?? .http(Address(host: "127.0.0.1", port: port))
    let server = ScriptedServer(endpoint: endpoint)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve(listener, script) }
      let value = try await body(server)
      group.cancelAll()
      while (try? await group.next()) != nil {}
      return value
    }
  }

  private func serve(
    _ listener: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>,
    _ script: @escaping Script
  ) async throws {
    try await listener.executeThenClose { connections in
      try await withThrowingDiscardingTaskGroup { group in
        for try await connection in connections {
          group.addTask { try? await self.talk(connection, script) }
        }
      }
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

  /// One connection: its requests in turn, until the client or the script closes it.
  private func talk(
    _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ script: @escaping Script
  ) async throws {
    try await connection.executeThenClose { inbound, outbound in
      let reply = ScriptedReply(outbound: outbound, channel: connection.channel)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          let requests = AsyncStream.makeStream(of: ScriptedRequest.self)
          try await withThrowingTaskGroup(of: Void.self) { inner in
            inner.addTask {
              for await request in requests.stream { try await script(request, reply) }
            }
            var parser = ScriptedRequestParser()
            for try await bytes in inbound {
              for request in parser.consume(bytes.readableBytesView) {
                requests.continuation.yield(self.number(request))
              }
            }
            inner.cancelAll()  // the client is gone
          }
        }
        try await group.next()
      }
    }
  }
}
