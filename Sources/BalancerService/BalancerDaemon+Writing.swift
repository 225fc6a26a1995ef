internal import Balancing
internal import ClusterModel
internal import Logging
internal import Registry
internal import ServiceSupport

/// What a balancer writes down because an instance said it.
extension BalancerDaemon {
  /// Writes down what an instance says of itself and the registry does not know yet.
  func learn(
    _ id: InstanceID, _ profile: InstanceProfile, _ registry: any ClusterRegistry
  ) async {
    do {
      let commit = try await registry.change(nil, at: SystemClock.now, actor: .instance(id)) {
        $0.instances[id]?.profile = profile
        return []
      }
      core.run { $0.registryChanged(to: commit.contents, now: $1) }
    } catch {
      configuration.logger.warning(
        "What \(id) said was not written down", metadata: ["error": "\(error.plainWords)"])
    }
  }

  /// Writes down what follows from an instance's own words: that its drain until restart is over,
  /// that it knows more than the registry. Where that fails, it is tried again.
  func write(
    _ mutation: Balancing.Mutation, of id: InstanceID, _ runner: MutationRunner
  ) async {
    do {
      _ = try await runner.run(
        MutationRunner.Request(
          mutation: mutation, actor: .instance(id),
          acknowledged: Set(ImpactWarning.allCases)))
    } catch {
      configuration.logger.warning(
        "What \(id) said was not written down", metadata: ["error": "\(error.plainWords)"])
    }
  }
}
