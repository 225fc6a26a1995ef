internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Logging
internal import ServiceSupport

/// Sends instances the list of the cluster's servers: of use to them where no balancer answers.
struct ServerListSender: Sendable {
  let core: BalancerCore
  let keys: SigningKeys
  let keeper: LoadFeedKeeper
  let timeoutMilliseconds: Int64
  let logger: Logger

  private static let pause = Duration.seconds(1)

  /// Until the task is cancelled.
  func run() async {
    repeat {
      guard let news = try? core.read({ $0.serverListNews(now: $1) }), !news.instances.isEmpty
      else { continue }
      await withTaskGroup(of: Void.self) { group in
        for id in news.instances { group.addTask { await tell(id, news) } }
      }
    } while (try? await Task.sleep(for: Self.pause)) != nil
  }

  private func tell(_ id: InstanceID, _ news: ServerListNews) async {
    do {
      let row = try core.read { balancer, _ in balancer.contents.instances[id] }
      guard let row else { return }
      try await keeper.delivery.proven(to: id) {
        try await keeper.connection(to: id, at: row.address).putServers(
          try await keys.current.sign(news.directory), timeoutMilliseconds: timeoutMilliseconds)
      }
      took(id, news)
    } catch ClientFailure.problem(let problem) where Self.isAnswer(problem.name) {
      took(id, news)
    } catch {
      logger.debug(
        "The list of servers was not taken",
        metadata: ["instance": "\(id)", "error": "\(PlainText.told(error, by: id.text))"])
    }
  }

  /// It knows a newer list, or is of a release that knows none: nothing is gained by telling it
  /// again.
  private static func isAnswer(_ name: ProblemName) -> Bool {
    [.outdated, .unknownRoute, .methodNotAllowed].contains(name)
  }

  private func took(_ id: InstanceID, _ news: ServerListNews) {
    _ = try? core.read { balancer, _ in balancer.tookServers(id, stamp: news.stamp) }
  }
}

extension OpenedRegistry {
  func serverLists(
    _ core: BalancerCore, _ configuration: BalancerConfiguration
  ) -> ServerListSender {
    ServerListSender(
      core: core, keys: keys, keeper: keeper,
      timeoutMilliseconds: configuration.deliveryMilliseconds, logger: configuration.logger)
  }
}
