internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Glibc
internal import Synchronization

/// What an instance keeps over its restarts: whose word it obeys, and the last one it obeyed,
/// as it was signed. Held by one process at a time.
final class StateDirectory: Sendable {
  /// What is kept.
  struct Kept: Sendable {
    var key: ClusterPublicKey
    /// The signed desired state, and what it says.
    var document: String
    var desired: DesiredState
  }

  private struct Content: Codable {
    var publicKey: String
    var desired: String
  }

  private let file: DurableFile
  /// The open file that holds the lock; nil once it is given back.
  private let lock: Mutex<Int32?>
  private static let longest = 64 << 10

  /// Takes the directory for this process.
  ///
  /// - Throws: `InstanceCannotStart`: it cannot be used, or another process holds it.
  init(_ path: String) throws(InstanceCannotStart) {
    file = DurableFile(directory: path, name: "desired.json")
    do throws(DurableFile.Failure) {
      try DurableFile.makeDirectory(path)
    } catch {
      throw InstanceCannotStart("The state directory cannot be used: \(error).")
    }
    let lockPath = "\(path)/lock"
    let lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else {
      let failure = DurableFile.Failure("cannot create", lockPath)
      throw InstanceCannotStart("The state directory cannot be used: \(failure).")
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw InstanceCannotStart(
        "The state directory \(path) is in use by another instance; "
          + "give each its own with --state-directory.")
    }
    self.lock = Mutex(lock)
  }

  deinit {
    release()
  }

  /// Gives the directory back, so that another instance may take it at once.
  func release() {
    let held = lock.withLock { held in
      defer { held = nil }
      return held
    }
    if let held { close(held) }
  }

  /// What the last life left behind, believed only as far as it is signed; nil at first.
  ///
  /// - Parameter pinned: The only key to believe, if an operator gave one.
  /// - Throws: `InstanceCannotStart`: a damaged file, or one of another instance. Starting as if
  ///   nothing had been kept could undo a drain.
  func load(
    for id: InstanceID, pinned: ClusterPublicKey?
  ) async throws -> (kept: Kept, desired: DesiredState)? {
    let bytes: [UInt8]?
    do { bytes = try file.read(limit: Self.longest) } catch {
      throw InstanceCannotStart("The kept desired state is lost: \(error).")
    }
    guard let bytes else { return nil }
    do {
      let content = try WireJSON.decode(Content.self, from: bytes)
      let key = try ClusterPublicKey(content.publicKey)
      guard pinned == nil || pinned == key else {
        throw InstanceCannotStart(
          "\(file.path) was signed with another key than --cluster-key names. "
            + "If the instance moves to another cluster, remove that file.")
      }
      let desired = try await key.desiredState(in: content.desired, for: id, cluster: nil)
      return (Kept(key: key, document: content.desired, desired: desired), desired)
    } catch TrustFailure.wrongInstance {
      throw InstanceCannotStart(
        "\(file.path) belongs to another instance; give each its own with --state-directory.")
    } catch let error as InstanceCannotStart {
      throw error
    } catch {
      throw InstanceCannotStart(
        "\(file.path) is damaged: \(error). Without it the instance does not know whether it "
          + "is drained. Remove it to let the instance join anew.")
    }
  }

  /// Keeps a document; on return it is on the disk.
  ///
  /// - Throws: `DurableFile.Failure`; what was kept before stands then.
  func save(_ kept: Kept) throws {
    try file.write(
      try WireJSON.encode(Content(publicKey: kept.key.text, desired: kept.document)))
  }
}
