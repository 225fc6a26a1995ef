public import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

extension ClusterConnection {
  /// Opens a connection to the application of an instance inside a session, and closes it when the
  /// body returns. To be sure that the application receives everything, call `finish` and read to
  /// the end.
  ///
  /// - Throws: `problem` with the instance's reason: `no-application`, `application-unreachable`,
  ///   `unauthorized` where the session has ended, and others; and whatever the body throws.
  public func withApplication<Value: Sendable>(
    in session: SessionOpened, _ body: (ApplicationStream) async throws -> Value
  ) async throws -> Value {
    let permit = try transport.budget.permit(givesWay: givesWay)
    defer { withExtendedLifetime(permit) {} }
    let limits = ClientFailure.Limits(
      connectMilliseconds: transport.connectMilliseconds,
      answerMilliseconds: transport.answerMilliseconds)
    let channel: TunnelChannel
    do {
      channel = try await tunnel(
        in: session, on: MultiThreadedEventLoopGroup.singleton.next()
      ) { context in
        try TunnelChannel(
          wrappingChannelSynchronously: context.channel,
          configuration: .init(isOutboundHalfClosureEnabled: true))
      }.get()
    } catch {
      throw ClientFailure(error, limits: limits)
    }
    return try await channel.executeThenClose { inbound, outbound in
      try await body(ApplicationStream(inbound: inbound, outbound: outbound, limits: limits))
    }
  }

  /// Connects and asks for a tunnel.
  ///
  /// - Parameter open: Called when the tunnel is open, on the channel's event loop, before its
  ///   first byte reaches the handlers that this closure adds.
  func tunnel<Opened: Sendable>(
    in session: SessionOpened, on loop: any EventLoop,
    open: @escaping @Sendable (ChannelHandlerContext) throws -> Opened
  ) -> EventLoopFuture<Opened> {
    let secured: (context: NIOSSLContext, name: String?)?
    do { secured = try self.secured() } catch { return loop.makeFailedFuture(error) }
    let head = connectHead(BasicCredentials(name: session.session, password: session.secret))
    let limit = TimeAmount.milliseconds(transport.answerMilliseconds)
    // A host with several numbers may be tried on two of them at the same time.
    let attempts = Attempts<Opened>()
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(.milliseconds(transport.connectMilliseconds))
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let (context, name) = secured {
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
          }
          try pipeline.addHandler(
            ConnectAnswer(head, attempts.add(channel), within: limit, open))
        }
      }
    let connecting =
      switch endpoint {
      case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
      case .http(let address), .https(let address):
        bootstrap.connect(host: address.host, port: address.port)
      }
    return connecting.flatMap { attempts.answer(at: $0) }
  }

  /// What TLS needs; nil for a connection without TLS.
  private func secured() throws -> (context: NIOSSLContext, name: String?)? {
    guard case .https(let address) = endpoint else { return nil }
    // A certificate is for the name or, without a name, for the number of the connection.
    let isNumber = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
    return (try transport.tunnelContext(), isNumber ? nil : address.host)
  }

  /// The authority in the request has no effect: an instance always leads to its application.
  private func connectHead(_ credentials: BasicCredentials) -> String {
    let authority =
      switch endpoint {
      case .unix: "application:1"
      case .http(let address), .https(let address): "\(address)"
      }
    return "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n"
      + "Proxy-Authorization: \(credentials.field)\r\n\r\n"
  }
}

private typealias TunnelChannel = NIOAsyncChannel<ByteBuffer, ByteBuffer>
