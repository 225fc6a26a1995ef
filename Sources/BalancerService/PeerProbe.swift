internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ServiceLifecycle

/// Asks the other balancers of the cluster every second whether they are running.
struct PeerProbe: ServiceLifecycle.Service {
  let core: BalancerCore
  let transport: HTTPTransport

  /// A balancer that takes longer counts as away. It is asked again at once after that.
  private static let answerMilliseconds: Int64 = 2_000

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: .seconds(1))) != nil {
        let peers = (try? core.read { balancer, _ in balancer.peers }) ?? []
        await withTaskGroup(of: Void.self) { group in
          for peer in peers {
            group.addTask { await ask(peer.id, at: Endpoint(peer.address, tls: peer.tls)) }
          }
        }
      }
    }
  }

  private func ask(_ id: InstanceID, at endpoint: Endpoint) async {
    let connection = ClusterConnection(endpoint, transport: transport)
    let answer: Balancer.PeerAnswer
    do {
      let peer = try await connection.livez(timeoutMilliseconds: Self.answerMilliseconds)
      answer = .here(
        id: peer.id, cluster: peer.cluster,
        isLoadBalancer: peer.role == Role.loadBalancer.name,
        version: peer.version)
    } catch {
      answer = .nothing(reason: Self.words(for: error, of: id))
    }
    guard !Task.isCancelled else { return }
    core.run { balancer, now in
      balancer.peer(id, answer, now: now)
      return []
    }
  }

  /// The words of the other side are quoted.
  private static func words(for error: any Error, of id: InstanceID) -> String {
    if case ClientFailure.problem(let problem) = error {
      return "it refuses to say who it is: \(PlainText.quoted(problem.detail, by: id.text))"
    }
    return PlainText.told(error, by: id.text)
  }
}
