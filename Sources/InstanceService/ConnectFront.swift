internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hosting
internal import NIOCore
internal import NIOPosix
internal import ServiceSupport

/// Leads connections that ask for `CONNECT` to the application: to this one and nowhere else,
/// whatever authority they name.
struct ConnectFront: ConnectTaker {
  /// A connection to the application that is not there by then is given up.
  private static let connectTimeout = TimeAmount.seconds(5)

  let core: InstanceCore
  /// Nil: there is none.
  let application: Application?
  /// Who may ask over TCP; empty: everybody.
  let allowed: [NetworkRange]
  /// On every address of the machine.
  let listensEverywhere: Bool

  func take(_ request: ConnectRequest, _ connection: TakenConnection) {
    do {
      try open(request, connection)
    } catch let problem as Problem {
      connection.refuse(problem)
    } catch {
      connection.refuse(Problem(.invalidRequest, "The request is refused: \(error.plainWords)."))
    }
  }

  private func open(_ request: ConnectRequest, _ connection: TakenConnection) throws {
    if !allowed.isEmpty, let address = request.address,
      !allowed.contains(where: { $0.contains(address) })
    {
      throw Problem(.forbidden, "\(core.id) leads no connection from this address further.")
    }
    guard let application else {
      throw Problem(.noApplication, "\(core.id) was started without --application.")
    }
    let credentials = try SessionCredentials(request.values(of: "Proxy-Authorization"))
    guard DescriptorLedger.process.tunnelBegins() else {
      throw Problem(.overloaded, "As many connections are open as this machine lets it have.")
    }
    let tunnel = Tunnel(connection.channel)
    let session: String
    do {
      session = try core.connect(tunnel, showing: credentials) { user in
        try caller(user, request)
      }
    } catch {
      DescriptorLedger.process.tunnelEnded()
      throw error
    }
    let end: @Sendable () -> Void = { [core] in
      DescriptorLedger.process.tunnelEnded()
      core.disconnect(tunnel, from: session)
    }
    connect(to: application, for: tunnel, on: connection.channel.eventLoop).assumeIsolated()
      .whenComplete { result in
        switch result {
        case .success(let channel): join(connection, channel, tunnel, onEnd: end)
        case .failure(let error):
          end()
          connection.refuse(unreachable(error.networkWords))
        }
      }
  }

  /// The client as `POST /v1/sessions` would be told of it.
  private func caller(_ user: String, _ request: ConnectRequest) throws -> Caller {
    let kind = try request.single("AOS-Kind")
    guard let kind = kind.map(ClientKind.init(rawValue:)) ?? .client else {
      throw InvalidValue(field: "AOS-Kind", complaint: "must be client, batch or service")
    }
    let computer = try request.single("AOS-Computer") ?? request.address?.ipAddress ?? "local"
    return Caller(
      kind: kind, user: try PlainText.checked(user, field: "the user"),
      computer: try PlainText.checked(computer, field: "AOS-Computer"),
      ticket: try request.single("AOS-Ticket").map {
        try PlainText.checked($0, field: "AOS-Ticket")
      })
  }

  private func unreachable(_ words: String) -> Problem {
    Problem(.applicationUnreachable, "\(core.id) cannot reach its application: \(words).")
  }

  private func join(
    _ connection: TakenConnection, _ application: any Channel, _ tunnel: Tunnel,
    onEnd end: @escaping @Sendable () -> Void
  ) {
    let ends = [connection.channel.closeFuture, application.closeFuture]
    EventLoopFuture.whenAllComplete(ends, on: application.eventLoop).whenComplete { _ in end() }
    guard !leadsToItself(application, connection) else {
      application.close(promise: nil)
      return connection.refuse(unreachable("its address is the instance's own"))
    }
    let server: TunnelSide
    do {
      server = try application.pipeline.syncOperations.handler(type: TunnelSide.self)
      try TunnelSocket.prepare(application)
      try TunnelSocket.prepare(connection.channel)
    } catch {
      application.close(promise: nil)
      return connection.refuse(unreachable("it closed the connection at once"))
    }
    let client = TunnelSide { tunnel.countFromClient($0) }
    guard let early = connection.open(to: client) else { return application.close(promise: nil) }
    client.keep(early.bytes, hasEnded: early.hasEnded)
    TunnelSide.join(client, server)
  }

  private func connect(
    to application: Application, for tunnel: Tunnel, on loop: any EventLoop
  ) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(Self.connectTimeout)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.autoRead, value: false)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            TunnelSide { tunnel.countFromApplication($0) })
        }
      }
    return switch application {
    case .tcp(let address): bootstrap.connect(host: address.host, port: address.port)
    case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
    }
  }

  /// Whether a connection has come back to the instance. Where the instance listens on every
  /// address of the machine, both ends of such a connection have the same.
  private func leadsToItself(_ application: any Channel, _ connection: TakenConnection) -> Bool {
    guard let there = application.remoteAddress, let own = connection.channel.localAddress,
      there.protocol != .unix
    else { return false }
    if there == own { return true }
    return listensEverywhere && there.port == own.port
      && there.ipAddress == application.localAddress?.ipAddress
  }
}

extension ConnectRequest {
  /// The value of a header field that may stand there once.
  fileprivate func single(_ field: String) throws -> String? {
    let values = values(of: field)
    guard values.count <= 1 else {
      throw InvalidValue(field: field, complaint: "is there more than once")
    }
    return values.first
  }
}
