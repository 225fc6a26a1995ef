internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hosting
internal import NIOCore
internal import ServiceSupport

/// Connects clients that ask for `CONNECT` with the application, and with nothing else, whatever
/// authority they name.
struct ConnectFront: ConnectTaker {
  let core: InstanceCore
  /// Nil: there is no application.
  let door: ApplicationDoor?
  /// The networks that may ask over TCP; empty: all.
  let allowed: [NetworkRange]
  /// Whether the guard wants to know how tunnels end.
  let guards: Bool

  func takeOver(_ request: ConnectRequest, _ connection: TakenConnection) {
    do {
      try openTunnel(request, connection)
    } catch let problem as Problem {
      connection.refuse(problem)
    } catch {
      connection.refuse(Problem(.invalidRequest, "The request is refused: \(error.plainWords)."))
    }
  }

  private func openTunnel(_ request: ConnectRequest, _ connection: TakenConnection) throws {
    if !allowed.isEmpty, let address = request.address,
      !allowed.contains(where: { $0.contains(address) })
    {
      throw Problem(.forbidden, "\(core.id) takes no CONNECT from this address (--allow-from).")
    }
    guard let door else {
      throw Problem(.noApplication, "\(core.id) was started without --application.")
    }
    let credentials = try SessionCredentials(request.values(of: "Proxy-Authorization"))
    guard DescriptorLedger.process.tunnelBegins() else {
      throw Problem(.overloaded, "This machine's limit on open connections is reached.")
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
    let client = request.address
    door.connect(on: connection.channel.eventLoop) { try prepare($0, for: tunnel) }.assumeIsolated()
      .whenComplete { result in
        switch result {
        case .success(let channel):
          core.noteApplication { health, _ in health.connected() }
          join(connection, from: client, channel, tunnel, onEnd: end)
        case .failure(let error):
          end()
          core.noteApplication { $0.connectFailed(error.networkWords, now: $1) }
          connection.refuse(unreachable(error.networkWords))
        }
      }
  }

  /// The caller, as in `POST /v1/sessions`.
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
    _ connection: TakenConnection, from client: SocketAddress?, _ application: any Channel,
    _ tunnel: Tunnel, onEnd end: @escaping @Sendable () -> Void
  ) {
    let ends = [connection.channel.closeFuture, application.closeFuture]
    EventLoopFuture.whenAllComplete(ends, on: application.eventLoop).whenComplete { _ in end() }
    let server: TunnelSide
    do {
      server = try application.pipeline.syncOperations.handler(type: TunnelSide.self)
      try TunnelSocket.prepare(application)
      try TunnelSocket.prepare(connection.channel)
    } catch {
      application.close(promise: nil)
      return connection.refuse(unreachable("it closed the connection at once"))
    }
    let side = TunnelSide { tunnel.countFromClient($0) }
    let local = connection.channel.localAddress
    guard let early = connection.openTunnel(to: side) else {
      return application.close(promise: nil)
    }
    door?.introduce((source: client, local: local), on: application)
    side.keep(early.bytes, hasEnded: early.hasEnded)
    TunnelSide.join(side, server)
  }

  /// Adds the handlers of the connection to the application.
  private func prepare(_ channel: any Channel, for tunnel: Tunnel) throws {
    let pipeline = channel.pipeline.syncOperations
    if guards { try pipeline.addHandler(EarlyEnd { note(isBroken: $0) }) }
    try pipeline.addHandler(TunnelSide { tunnel.countFromApplication($0) })
  }

  private func note(isBroken: Bool) {
    core.noteApplication { health, _ in
      if isBroken { health.tunnelBroke() } else { health.tunnelHeld() }
    }
  }
}

extension ConnectRequest {
  /// The value of a header field that may occur once.
  fileprivate func single(_ field: String) throws -> String? {
    let values = values(of: field)
    guard values.count <= 1 else {
      throw InvalidValue(field: field, complaint: "is given more than once")
    }
    return values.first
  }
}
