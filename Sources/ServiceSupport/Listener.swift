internal import Glibc
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
package import Logging
internal import ServiceLifecycle
internal import NIOCore
internal import NIOPosix
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
  private let tls: TLSIdentity?
  private let limits: ServiceLimits
  private let logger: Logger
  private let onListening: @Sendable (Int?) async -> Void

  /// - Parameters:
  ///   - tls: Then it speaks TLS and nothing else; nil: plaintext.
  ///   - onListening: Called with the TCP port once connections are taken; nil for a Unix socket.
  package init(
    _ address: ListenAddress, responder: ServiceResponder, tls: TLSIdentity? = nil,
    limits: ServiceLimits = ServiceLimits(), logger: Logger,
    onListening: @escaping @Sendable (Int?) async -> Void
  ) {
    self.address = address
    self.responder = responder
    self.tls = tls
    self.limits = limits
    self.logger = logger
    self.onListening = onListening
  }

  package func run() async throws {
    try await application().run()
  }

  private func application() throws -> Application<ServiceResponder> {
    let bind: BindAddress =
      switch address {
      case .tcp(let host, let port): .hostname(host, port: port)
      case .unix(let path): .unixDomainSocket(path: path)
      }
    var quiet = Logger(label: logger.label) { _ in WithoutCancellations(logger.handler) }
    quiet.logLevel = max(logger.logLevel, .notice)
    let isForOperators = if case .unix = address { true } else { false }
    let counter = ConnectionCounter(
      limits: limits, reserve: DescriptorReserve(isForOperators: isForOperators), logger: logger)
    let limits = limits
    let plain = HTTP1Channel.Configuration(
      // The limiter first: the keeper hears of its errors.
      additionalChannelHandlers: [ConnectionLimiter(limits, counter), ConnectionKeeper()],
      idleTimeout: .milliseconds(limits.idleMilliseconds),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headerFieldBytes, maxHeaderListSize: limits.headerBytes,
        maxHeaderFieldCount: 100))
    return Application(
      responder: responder,
      server: try tls.map {
        try .tls(.holding(plain), tlsConfiguration: $0.configuration)
      } ?? .holding(plain),
      // A backlog of 256 lost seconds in connection retries when 3,000 sessions came at once.
      configuration: ApplicationConfiguration(
        address: bind, backlog: 4_096, availableConnectionsDelegate: counter),
      onServerRunning: { [address, onListening] channel in
        if case .unix(let path) = address { chmod(path, 0o660) }
        // More at one go would be more than the reserve has room for.
        let batch = UInt(DescriptorReserve.batch)
        try? await channel.setOption(.maxMessagesPerRead, value: batch).get()
        await onListening(channel.localAddress?.port)
      },
      logger: quiet)
  }
}
