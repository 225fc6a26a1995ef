internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Hosting
internal import Logging
internal import SmallFiles
internal import Synchronization

/// Keeps the list of the cluster's servers that balancers send, even over restarts. It is used
/// while no balancer answers, and gives no orders.
final class ServerBook: Sendable {
  private let core: InstanceCore
  private let keeper: DocumentKeeper
  private let file: DurableFile
  private let logger: Logger
  private let known = Mutex<ServerDirectory?>(nil)

  init(core: InstanceCore, keeper: DocumentKeeper, directory: String, logger: Logger) {
    self.core = core
    self.keeper = keeper
    self.logger = logger
    file = DurableFile(directory: directory, name: "servers.jwt")
  }

  /// The list of the instance's present cluster; nil where it has none.
  var directory: ServerDirectory? {
    let (epoch, cluster) = core.read { ($0.desired?.epoch, $0.cluster) }
    return known.withLock { $0 }.flatMap {
      $0.epoch == epoch && $0.cluster == cluster ? $0 : nil
    }
  }

  /// Reads what the last life left. If it cannot be trusted, it is ignored, since balancers send
  /// the list again.
  func load() async {
    do {
      try FileRights.check(file.path, as: .state, field: "--state-directory")
      guard let key = keeper.key, let bytes = try file.read(limit: Limits.serversBytes) else {
        return
      }
      let list = try await key.servers(in: String(decoding: bytes, as: UTF8.self), cluster: nil)
      known.withLock { $0 = $0 ?? list }
    } catch {
      logger.warning(
        "The kept list of servers is not used", metadata: ["error": "\(error.plainWords)"])
    }
  }

  /// Takes a list of any sender. If its signature is wrong, nothing changes.
  ///
  /// - Throws: `Problem`: not trusted, older than the known list, or of another registry.
  func adopt(_ document: String) async throws {
    guard let key = keeper.key else {
      throw Problem(.notJoined, "\(core.id) knows no cluster's key: it has not joined yet.")
    }
    let (epoch, cluster) = core.read { ($0.desired?.epoch, $0.cluster) }
    let list: ServerDirectory
    do {
      list = try await key.servers(in: document, cluster: cluster)
    } catch .malformed, .invalid {
      throw Problem(.invalidRequest, "The body must be a signed list of servers (JWT).")
    } catch {
      throw Problem(.unauthorized, "The list of servers is refused: \(error.plainWords).")
    }
    guard list.epoch == epoch else {
      throw Problem(.outdated, "\(core.id) obeys another registry.")
    }
    try known.withLock { known in
      if let known, known.epoch == list.epoch, known.revision > list.revision {
        throw Problem(.outdated, "\(core.id) knows the list of revision \(known.revision).")
      }
      known = list
      do { try file.write(Array(document.utf8)) } catch {
        logger.error(
          "The list of servers is not kept", metadata: ["error": "\(error.plainWords)"])
      }
    }
  }
}
