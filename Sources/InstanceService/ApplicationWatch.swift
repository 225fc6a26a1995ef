internal import ClusterModel
internal import Hosting
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import ServiceSupport

/// Checks the application with the instance's own connections.
struct ApplicationWatch: ServiceLifecycle.Service {
  let core: InstanceCore
  let door: ApplicationDoor
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var shown: ApplicationStatus?
      while !Task.isCancelled {
        let (probe, wait) = core.applicationStep()
        if let probe {
          look(probe)
        } else {
          await core.applicationAlarm.wait(milliseconds: wait)
        }
        let down = core.read { $0.application?.down }
        if down?.reason != shown?.reason { log(down) }
        shown = down
      }
    }
  }

  private func log(_ down: ApplicationStatus?) {
    guard let down else { return logger.notice("The application is up") }
    logger.warning(
      "The application is down: no new sessions are taken",
      metadata: ["application": "\(door.application)", "reason": "\(down.reason ?? "")"])
  }

  /// Reports the result to the core. It does not wait.
  private func look(_ probe: ApplicationHealth.Probe) {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let silence = loop.makePromise(of: Bool.self)
    door.connect(on: loop) { channel in
      guard probe == .silence else { return }
      try channel.pipeline.syncOperations.addHandler(EarlyEnd { silence.succeed($0) })
    }.flatMap { [door] channel in
      door.introduce(nil, on: channel)
      if probe == .silence { channel.read() } else { silence.succeed(false) }
      return silence.futureResult.always { _ in channel.close(promise: nil) }
    }.whenComplete { [core] outcome in
      let result: ApplicationHealth.ProbeResult
      switch outcome {
      case .success(let hasEnded): result = hasEnded ? .endedAtOnce : .opened
      case .failure(let error):
        silence.succeed(false)
        result = .failed(error.networkWords)
      }
      core.noteApplication { $0.probed(probe, result, now: $1) }
    }
  }
}
