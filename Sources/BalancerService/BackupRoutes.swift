internal import ClusterAPI
internal import ClusterModel
internal import Hummingbird
internal import Logging
internal import Registry
internal import ServiceSupport
internal import Synchronization

/// The route by which operators on the balancer's machine copy the registry while it runs.
struct BackupRoutes: Sendable {
  let core: BalancerCore
  let access: RegistryAccess
  let logger: Logger
  private let isBusy = BusyMark()

  init(core: BalancerCore, access: RegistryAccess, logger: Logger) {
    (self.core, self.access, self.logger) = (core, access, logger)
  }

  /// A registry in SQLite, whatever the cluster's own database is.
  private static let contentType = "application/vnd.sqlite3"

  var all: [ServiceRoute] {
    [ServiceRoute(.get, "/v1/backup", .localOnly) { try await backUp($0, $1) }]
  }

  private func backUp(_ request: Request, _ context: ServiceContext) async throws -> Response {
    // A page in a browser must not copy the cluster's key.
    try request.refuseBrowsers()
    // A caller that asks for a dry run does not expect the key.
    guard try request.text("dryRun") == nil else {
      throw Problem(.invalidRequest, "A backup has no dry run (dryRun).")
    }
    let opened = try access.opened()
    guard isBusy.claim() else {
      throw Problem(.tooMany, "A backup is being made already; wait for its end.")
    }
    defer { isBusy.giveBack() }
    await log(await context.actor(), opened.registry)
    let file: TemporaryFile
    do throws(RegistryFailure) {
      file = try TemporaryFile()
      try await opened.registry.backUp(to: file.path)
    } catch {
      throw Problem(.registryUnavailable, "No backup was made: \(error.plainWords).")
    }
    // The file is open now, so it can be read to its end after its name was deleted.
    return try withExtendedLifetime(file) {
      try Response(file: file.path, contentType: Self.contentType)
    }
  }

  /// The log says who took the copy, since its owner can sign for the cluster. A registry that
  /// cannot be written is copied all the same.
  private func log(_ actor: ActionActor, _ registry: any ClusterRegistry) async {
    do {
      let commit = try await registry.change(nil, at: SystemClock.now, actor: actor) { _ in
        [ActionDraft(.backup, result: "copied the registry, with its signing key")]
      }
      core.committed(commit)
    } catch {
      logger.warning(
        "A backup is not in the log of actions", metadata: ["error": "\(error.plainWords)"])
    }
  }
}

/// A mark that only one caller can have.
private final class BusyMark: Sendable {
  private let isTaken = Atomic(false)

  /// - Returns: False where another caller has it.
  func claim() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }

  func giveBack() { isTaken.store(false, ordering: .releasing) }
}
