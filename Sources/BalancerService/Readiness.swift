internal import ServiceSupport
internal import Synchronization

/// Whether the balancer has heard enough to answer and to decide: every instance has answered, or
/// one second has passed since its start.
final class Readiness: Sendable {
  private let ready = OneTimeValue<Void>()
  private let flag = Atomic(false)

  var isReady: Bool { flag.load(ordering: .acquiring) }

  func becomeReady() {
    flag.store(true, ordering: .releasing)
    ready.resolve(.success(()))
  }

  /// The balancer stops before it was ready, so nobody waits any more.
  func giveUp() { ready.resolve(.failure(CancellationError())) }

  /// - Throws: `CancellationError`, including where the balancer stops.
  func wait() async throws {
    if !isReady { try await ready.value }
  }
}
