internal import Glibc
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
package import Logging
internal import ServiceLifecycle
internal import NIOCore
internal import NIOPosix
internal import SmallFiles
internal import Synchronization

/// Where a daemon listens.
package enum ListenAddress: Hashable, Sendable {
  /// Port 0: any free one.
  case tcp(host: String, port: Int)
  case unix(path: String)
}

/// One listening socket that answers with a responder.
package struct Listener: Service {
  private let address: ListenAddress
  private let responder: ServiceResponder
  private let quick: QuickRoute?
  private let tls: TLSIdentity?
  private let taker: (any ConnectTaker)?
  private let limits: ServiceLimits
  private let logger: Logger
  private let onListening: @Sendable (Int?) async -> Void

  /// - Parameters:
  ///   - quick: Answers plain requests before `responder` sees them; nil: `responder` sees all.
  ///   - tls: The identity of a listener that speaks only TLS; nil: plain text.
  ///   - taker: Answers `CONNECT`; nil: the listener does not know this method.
  ///   - onListening: Called with the TCP port once connections are accepted; nil for a Unix
  ///     socket.
  package init(
    _ address: ListenAddress, responder: ServiceResponder, quick: QuickRoute? = nil,
    tls: TLSIdentity? = nil, taker: (any ConnectTaker)? = nil,
    limits: ServiceLimits = ServiceLimits(), logger: Logger,
    onListening: @escaping @Sendable (Int?) async -> Void
  ) {
    self.address = address
    self.responder = responder
    self.quick = quick
    self.tls = tls
    self.taker = taker
    self.limits = limits
    self.logger = logger
    self.onListening = onListening
  }

  package func run() async throws {
    switch address {
    case .tcp(let host, let port):
      try await application(.hostname(host, port: port), nil).run()
    case .unix(let path):
      let file = try await SocketFile(claiming: path)
      defer { file.release() }
      try await application(.unixDomainSocket(path: file.temporaryPath), file).run()
      if let failure = file.failure { throw failure }
    }
  }

  /// - Parameter file: The file of a Unix socket.
  private func application(
    _ bind: BindAddress, _ file: SocketFile?
  ) throws -> Application<ServiceResponder> {
    var quiet = Logger(label: logger.label) { _ in WithoutCancellations(logger.handler) }
    quiet.logLevel = max(logger.logLevel, .notice)
    let isForOperators = file != nil
    let counter = ConnectionCounter(
      limits: limits, reserve: DescriptorReserve(isForOperators: isForOperators), logger: logger)
    let limits = limits
    let plain = HTTP1Channel.Configuration(
      // `ConnectionLimiter` ends idle connections, since it also sees what `FrontDoor` answers
      // itself.
      additionalChannelHandlers: [ConnectionKeeper()], idleTimeout: nil,
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headerFieldBytes, maxHeaderListSize: limits.headerBytes,
        maxHeaderFieldCount: limits.headerFields))
    let http = HTTPServerBuilder.guarded(plain, quick: quick, taker: taker) {
      ConnectionLimiter(limits, counter)
    }
    return Application(
      responder: responder,
      server: try tls.map {
        try .tls(http, tlsConfiguration: $0.configuration)
      } ?? http,
      // With a backlog of 256, connection retries took seconds when 3,000 sessions came at once.
      configuration: ApplicationConfiguration(
        address: bind, backlog: 4_096, availableConnectionsDelegate: counter),
      onServerRunning: { [onListening] channel in
        if let file, !file.publish() {
          channel.close(promise: nil)
          return
        }
        // More at one time would exceed the reserve.
        let batch = UInt(DescriptorReserve.batch)
        try? await channel.setOption(.maxMessagesPerRead, value: batch).get()
        counter.watch(channel)
        await onListening(channel.localAddress?.port)
      },
      logger: quiet)
  }
}
