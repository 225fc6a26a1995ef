internal import ClusterAPI
internal import ClusterModel
internal import Hosting
internal import Hummingbird
internal import ServiceSupport

/// The routes with which balancers, clients and monitors ask about the instance.
struct ClusterRoutes: Sendable {
  let core: InstanceCore
  let keeper: DocumentKeeper
  let joiner: Joiner
  let book: ServerBook
  let peers: PeerRounds
  let heartbeats: Heartbeats
  let tls: Bool
  let address: @Sendable () async throws -> Address

  private static let longestDocument = Limits.documentBytes

  var all: [ServiceRoute] {
    [
      ServiceRoute(.get, "/v1/load", .balancer) { _, context in try load(context) },
      ServiceRoute(.put, "/v1/desired", .selfProving) { request, _ in
        try await desired(request)
      },
      ServiceRoute(.put, "/v1/key", .selfProving) { request, _ in
        let steps: KeySteps = try await request.json(limit: Limits.keyStepsBytes)
        return try Response(json: try await keeper.follow(steps))
      },
      ServiceRoute(.put, "/v1/servers", .balancer) { request, _ in
        let bytes = try await request.bytes(limit: Limits.serversBytes)
        try await book.adopt(String(decoding: bytes, as: UTF8.self))
        return Response(status: .noContent)
      },
      ServiceRoute(.post, "/v1/handshake", .open) { request, _ in
        try await handshake(request)
      },
      ServiceRoute(.get, "/livez", .open) { _, _ in
        let (role, cluster) = core.read { ($0.profile.role, $0.cluster) }
        return try Response(
          json: Liveness(
            id: core.id, role: role.name, cluster: cluster, version: ProgramVersion.current))
      },
      ServiceRoute(.get, "/readyz", .open) { _, _ in
        let (isStopping, hasJoined) = core.read {
          ($0.isStopping || $0.isLeaving, $0.desired != nil)
        }
        if isStopping { throw Problem(.stopping, by: core.id) }
        guard hasJoined else { throw Problem(.notJoined, by: core.id) }
        return try Response(json: ["state": "ready"])
      },
      ServiceRoute(.get, "/metrics", .balancer) { _, _ in
        let readers = core.feedCount
        let text = core.readCounted { InstanceMetrics.text($0, readers: readers) }
        return Response(bytes: Array(text.utf8), contentType: PrometheusText.contentType)
      },
    ]
  }

  private func load(_ context: ServiceContext) throws -> Response {
    let writer = LoadFeedWriter(core: core) { [keeper] in keeper.document }
    let (key, count) = try core.addFeed(writer, of: context.caller?.name)
    joiner.readersChanged(to: count)
    let beat = heartbeats.add(writer.outbox, everySeconds: 1)
    let writing = Task { await writer.run() }
    return Response(events: writer.outbox, in: context) { [core, joiner, heartbeats] in
      writing.cancel()
      heartbeats.remove(beat)
      joiner.readersChanged(to: core.removeFeed(key))
    }
  }

  private func desired(_ request: Request) async throws -> Response {
    let bytes = try await request.bytes(limit: Self.longestDocument)
    switch try await keeper.obey(String(decoding: bytes, as: UTF8.self)) {
    case .obeyed, .known:
      return try Response(
        json: core.read {
          DesiredAnswer(revision: $0.confirmedRevision, digest: $0.confirmedDigest)
        })
    case .outdated(let known):
      throw Problem(.outdated, "\(core.id) obeys revision \(known).")
    case .otherRegistry:
      joiner.hurry()
      throw Problem(
        .outdated,
        "\(core.id) obeys another registry, and changes to a new one only as it joins.")
    }
  }

  /// An instance answers with all servers and what they report themselves. So the configuration of
  /// a client may name plain instances after the balancers.
  private func handshake(_ request: Request) async throws -> Response {
    let bytes = try await request.bytes(limit: Limits.handshakeBytes)
    let body = bytes.isEmpty ? HandshakeRequest() : try WireJSON.decode(from: bytes)
    let (refusal, load, cluster) = core.read {
      ($0.refusal(of: body.kind), $0.load, $0.cluster)
    }
    if refusal == .rpcOnly { throw Problem(.rpcOnly, by: core.id) }
    let own = try await entry(load, unless: refusal)
    let servers =
      body.scope == .itself
      ? [own].compactMap { $0 } : await peers.servers(for: body.kind, own: own)
    guard !servers.isEmpty else {
      let reason = refusal.map { Problem($0, by: core.id).detail }
      throw Problem(.noActiveInstance, reason ?? "No server takes clients now.")
    }
    let limit = body.limit ?? .max
    return try Response(
      json: HandshakeAnswer(
        cluster: cluster, balancer: core.id, issuedAt: SystemClock.now, sequence: 0,
        ticket: nil, servers: Array(servers.prefix(limit)), more: servers.count > limit))
  }

  /// This instance in the list; nil where it takes no clients. A full instance stays in the list.
  private func entry(_ load: Load, unless refusal: AdmissionRefusal?) async throws
    -> HandshakeServer?
  {
    switch refusal {
    case nil: break
    case .full(let maximum) where maximum > 0: break
    case .some: return nil
    }
    return HandshakeServer(id: core.id, address: try await address(), load: load, tls: tls)
  }
}
