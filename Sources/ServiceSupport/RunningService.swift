package import Logging
package import ServiceLifecycle

/// A daemon inside this process: in tests, and in the demo cluster.
package final class RunningService: Sendable {
  private let group: ServiceGroup
  private let task: Task<Void, any Error>

  /// Starts services in order; they stop in reverse.
  package init(_ services: [any Service], logger: Logger) {
    // At a lower level the library reports its own work, with all the values of a service.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .notice)
    let group = ServiceGroup(configuration: .init(services: services, logger: quiet))
    self.group = group
    task = Task.detached { try await group.run() }
  }

  /// Stops in order and waits until everything has ended.
  package func stop() async {
    await group.triggerGracefulShutdown()
    _ = await task.result
  }

  /// Stops without a goodbye, as a killed process does.
  package func kill() async {
    task.cancel()
    _ = await task.result
  }

  /// Waits until it ends by itself.
  ///
  /// - Throws: The error that ended it.
  package func wait() async throws {
    try await task.value
  }
}
