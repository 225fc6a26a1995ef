internal import ClusterAPI
internal import ClusterModel
internal import Hummingbird
internal import ServiceSupport

/// The route by which the other balancers read.
struct PeerRoutes: Sendable {
  let core: BalancerCore
  let heartbeats: Heartbeats

  var all: [ServiceRoute] {
    [ServiceRoute(.get, "/v1/peer", .balancer) { _, context in try feed(context) }]
  }

  private func feed(_ context: ServiceContext) throws -> Response {
    let (key, outbox) = try core.peerFeed.subscribe(
      of: context.caller?.name ?? "", core: core)
    let beat = heartbeats.add(outbox, everySeconds: 1)
    return Response(events: outbox, in: context) { [core, heartbeats] in
      heartbeats.remove(beat)
      core.peerFeed.unsubscribe(key)
    }
  }
}
