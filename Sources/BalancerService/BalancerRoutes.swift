internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import HTTPTypes
internal import Hummingbird
internal import ServiceSupport

/// The routes by which clients and operators read.
struct BalancerRoutes: Sendable {
  let configuration: BalancerConfiguration
  let core: BalancerCore
  let heartbeats: Heartbeats
  let history: LoadHistoryKeeper
  let writer: HandshakeWriter
  let tickets: Tickets
  let readiness: Readiness
  let gate: AccessGate
  let seats: FeedSeats

  /// The interval of comments on a quiet feed. A dashboard that misses two of them knows that it is
  /// cut off.
  private static let heartbeatSeconds = 5

  var all: [ServiceRoute] {
    [
      ServiceRoute(.post, "/v1/handshake", .open) { request, context in
        try await handshake(
          try await request.optionalJSON(HandshakeRequest()), from: context.peer.network)
      },
      ServiceRoute(.get, "/v1/handshake", .viewer, knows: .reading("kind")) { request, _ in
        let text = try request.text("kind") ?? "client"
        guard let kind = ClientKind(rawValue: text) else {
          throw Problem(.invalidRequest, "kind must be client, batch or service.")
        }
        return try await handshake(HandshakeRequest(kind: kind), from: nil)
      },
      ServiceRoute(.get, "/v1/status", .viewer) { _, _ in
        try Response(json: try core.snapshot())
      },
      ServiceRoute(.get, "/v1/feed", .viewer) { try feed($0, $1) },
      ServiceRoute(.get, "/v1/access", .viewer) { _, context in
        try Response(
          json: AccessAnswer(actor: await context.actor().name, refusal: context.caller?.refusal))
      },
      ServiceRoute(.get, "/v1/history", .viewer, knows: .reading("minutes", "of")) { request, _ in
        let longest = LoadHistoryKeeper.longestMinutes
        let minutes = try request.number("minutes", in: 1...longest, default: longest)
        let part = try request.text("of")
        guard part == nil || part == "cluster" else {
          throw Problem(.invalidRequest, "of may be cluster, or left out.")
        }
        return try Response(json: history.history(minutes: minutes, isOfCluster: part != nil))
      },
      ServiceRoute(.post, "/v1/sessions", .open) { _, _ in
        throw Problem.noSessions(at: configuration.id)
      },
      ServiceRoute(.get, "/livez", .open) { _, _ in
        try Response(
          json: Liveness(
            id: configuration.id, role: Role.loadBalancer.name, cluster: configuration.cluster,
            version: ProgramVersion.current))
      },
      ServiceRoute(.get, "/readyz", .open) { _, _ in
        guard core.isStarted else {
          throw Problem(.registryUnavailable, "The registry has not been read yet.")
        }
        guard readiness.isReady else {
          throw Problem(.notReady, "Still connecting to the instances.")
        }
        return try Response(json: ["state": "ready"])
      },
      ServiceRoute(.get, "/metrics", .viewer) { _, _ in
        let peers = try core.read { balancer, _ in balancer.peerFeeds }
        let text = BalancerMetrics.text(
          try core.snapshot(), readers: core.feed.readerCount, peers: peers.count,
          peerFeeds: peers.count(where: \.isOpen))
        return Response(bytes: Array(text.utf8), contentType: PrometheusText.contentType)
      },
    ]
  }

  // MARK: Handshake

  /// - Parameter network: The network of the client; nil: it only looks and reserves nothing.
  private func handshake(
    _ request: HandshakeRequest, from network: NetworkKey?
  ) async throws -> Response {
    guard request.kind != .service else {
      throw Problem(
        .rpcOnly,
        "\(configuration.id) balances RPC connections only. Use a network load balancer for "
          + "services (AIF).")
    }
    // Before the registry was read there is nothing to wait for: the client goes elsewhere.
    guard core.isStarted else {
      throw Problem(.registryUnavailable, "The registry has not been read yet.")
    }
    try await readiness.wait()
    let wish = network.map { ReservationWish(ticket: tickets.next(), network: $0) }
    let answer = core.handshake(
      request.kind, wish, limit: request.limit, countsWhenEmpty: true, writer)
    guard let answer else {
      throw Problem(.noActiveInstance, "No server takes \(request.kind.rawValue) sessions now.")
    }
    return Response(bytes: answer, contentType: "application/json")
  }

  // MARK: Feed

  private func feed(_ request: Request, _ context: ServiceContext) throws -> Response {
    let last = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
    let seat = try seats.claimSeat(context)
    let (key, outbox): (Int, Outbox)
    do { (key, outbox) = try core.feed.subscribe(lastEventID: last, core: core) } catch {
      seats.giveBack(seat)
      throw error
    }
    let beat = heartbeats.add(outbox, everySeconds: Self.heartbeatSeconds)
    let watched = gate.watch(outbox, of: context.caller)
    return Response(events: outbox, in: context) {
      seats.giveBack(seat)
      gate.forget(watched)
      heartbeats.remove(beat)
      core.feed.unsubscribe(key)
    }
  }
}

extension Request {
  /// A JSON body, or the default where there is none: `curl -X POST` without data is a client.
  fileprivate func optionalJSON<Body: Decodable>(_ standard: Body) async throws -> Body {
    let bytes = try await bytes(limit: Limits.handshakeBytes)
    guard !bytes.isEmpty else { return standard }
    do {
      return try WireJSON.decode(Body.self, from: bytes)
    } catch {
      throw Problem(.invalidRequest, "The body is refused: \(error.plainWords).")
    }
  }
}
