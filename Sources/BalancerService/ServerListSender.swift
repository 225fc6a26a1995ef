internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Logging
internal import ServiceSupport

/// Sends instances the list of the cluster's servers, which they need while no balancer answers.
struct ServerListSender: Sendable {
  let core: BalancerCore
  let keys: SigningKeys
  let keeper: LoadFeedKeeper
  let timeoutMilliseconds: Int64
  let logger: Logger

  /// The pause while all have the list.
  private static let pause: Int64 = 1_000
  /// A list may have a megabyte, and a cluster ten thousand instances. The balancer sends the lists
  /// one after the other, so that sending uses a small part of one core and of the network.
  private static let bytesPerMillisecond = 16_384

  /// Runs until the task is cancelled.
  func run() async {
    var signed: (stamp: Int, document: String)?
    while true {
      let pause = await tellSome(&signed)
      guard (try? await Task.sleep(for: .milliseconds(pause))) != nil else { return }
    }
  }

  /// Sends the list to the first instances.
  ///
  /// - Parameter signed: The list that was sent last. It is signed once for all.
  /// - Returns: The milliseconds until the next ones.
  private func tellSome(_ signed: inout (stamp: Int, document: String)?) async -> Int64 {
    guard let news = try? core.read({ $0.serverListNews(now: $1) }), !news.instances.isEmpty
    else { return Self.pause }
    if signed?.stamp != news.stamp {
      signed = (try? await keys.current.sign(news.directory)).map { (news.stamp, $0) }
    }
    guard let document = signed?.document else { return Self.pause }
    await withTaskGroup(of: Void.self) { group in
      for id in news.instances { group.addTask { await tell(id, document, news.stamp) } }
    }
    guard news.isCut else { return Self.pause }
    return Int64(news.instances.count * document.utf8.count / Self.bytesPerMillisecond) + 1
  }

  private func tell(_ id: InstanceID, _ document: String, _ stamp: Int) async {
    do {
      let row = try core.read { balancer, _ in balancer.contents.instances[id] }
      guard let row else { return }
      try await keeper.delivery.proven(to: id) {
        try await keeper.connection(to: id, at: row.address).putServers(
          document, closes: true, timeoutMilliseconds: timeoutMilliseconds)
      }
      took(id, stamp)
    } catch ClientFailure.problem(let problem) where Self.isAnswer(problem.name) {
      took(id, stamp)
    } catch {
      logger.debug(
        "The list of servers was not taken",
        metadata: ["instance": "\(id)", "error": "\(PlainText.told(error, by: id.text))"])
    }
  }

  /// Whether it knows a newer list, or is of a release without such lists: sending it again would
  /// not help.
  private static func isAnswer(_ name: ProblemName) -> Bool {
    [.outdated, .unknownRoute, .methodNotAllowed].contains(name)
  }

  private func took(_ id: InstanceID, _ stamp: Int) {
    _ = try? core.read { balancer, _ in balancer.tookServers(id, stamp: stamp) }
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
