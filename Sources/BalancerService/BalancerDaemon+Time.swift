internal import Balancing
internal import ClusterModel
internal import ServiceLifecycle
internal import ServiceSupport

extension BalancerDaemon {
  /// Becomes ready when every instance has answered, or after one second.
  func onReadyWhenHeard(
    port: Int, _ onReady: @escaping @Sendable (Int) async -> Void
  ) async {
    let deadline = SystemClock.monotonicMilliseconds + 1_000
    while SystemClock.monotonicMilliseconds < deadline,
      (try? core.read { balancer, _ in balancer.hasHeardOfAll }) != true
    {
      guard (try? await Task.sleep(for: .milliseconds(20))) != nil else {
        return readiness.giveUp()
      }
    }
    readiness.becomeReady()
    await onReady(port)
  }

  /// Lets time pass for the balancer, the slow readers of the feeds, and the history.
  func keepTime() async throws {
    await cancelWhenGracefulShutdown {
      let ticksPerSample = LoadHistoryKeeper.stepSeconds * 4
      var ticks = 0
      while (try? await Task.sleep(for: .milliseconds(250))) != nil {
        core.run { $0.tick(now: $1, heartbeat: access.lastHeartbeat) }
        core.feed.catchUp(core: core)
        core.peerFeed.catchUp(core: core)
        gate.endStreams()
        if ticks % ticksPerSample == 0, let snapshot = try? core.snapshot() {
          history.sample(snapshot)
        }
        ticks += 1
      }
    }
  }
}
