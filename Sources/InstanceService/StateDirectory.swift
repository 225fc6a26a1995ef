internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import SmallFiles
internal import Glibc
internal import Synchronization

/// What an instance keeps over its restarts: the keys that it trusts, and the last order that it
/// obeyed, with its signature. Only one process can use it at a time.
final class StateDirectory: Sendable {
  /// What is kept.
  struct Kept: Sendable {
    /// The keys that it trusts, with their steps.
    var chain: KeyChain
    /// The signed desired state, and its contents.
    var document: String
    var desired: DesiredState
  }

  private struct Content: Codable {
    var publicKey: String
    var desired: String
    /// The first key that was trusted, if that is an older one, and the steps from it.
    var root: String?
    var rotations: [KeyStep]?
  }

  private let file: DurableFile
  /// The open file with the lock; nil once it is released.
  private let lock: Mutex<Int32?>
  /// In bytes: all the steps that a registry keeps, and the document.
  private static let longest = 512 << 10

  /// Locks the directory for this process.
  ///
  /// - Throws: `InstanceCannotStart`: it cannot be used, or another process uses it.
  init(_ path: String) throws(InstanceCannotStart) {
    file = DurableFile(directory: path, name: "desired.json")
    do throws(DurableFile.Failure) {
      try DurableFile.makeDirectory(path)
    } catch {
      throw InstanceCannotStart("The state directory cannot be used: \(error.plainWords).")
    }
    try Self.check(path, as: .stateFolder)
    let lockPath = "\(path)/lock"
    try Self.check(lockPath, as: .state)
    try Self.check(file.path, as: .state)
    let lock: Int32
    do throws(DurableFile.Failure) {
      lock = try DurableFile.open(lockPath, O_RDWR | O_CREAT, orCannot: "cannot create")
    } catch {
      throw InstanceCannotStart("The state directory cannot be used: \(error.plainWords).")
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw InstanceCannotStart(
        "The state directory \(path) is in use by another instance; "
          + "give each its own with --state-directory.")
    }
    self.lock = Mutex(lock)
  }

  private static func check(_ path: String, as kind: GuardedFile) throws(InstanceCannotStart) {
    do throws(InvalidValue) {
      try FileRights.check(path, as: kind, field: "--state-directory")
    } catch {
      throw InstanceCannotStart("The state directory cannot be used: \(error.complaint).")
    }
  }

  deinit {
    release()
  }

  /// Releases the directory, so that another instance can use it at once.
  func release() {
    let held = lock.withLock { held in
      defer { held = nil }
      return held
    }
    if let held { close(held) }
  }

  /// What the last life left, trusted only as far as it is signed; nil at the first start.
  ///
  /// - Parameter pinned: The only key to trust, if an operator gave one.
  /// - Throws: `InstanceCannotStart`: a damaged file, or one of another instance. To ignore it
  ///   could undo a drain.
  func load(
    for id: InstanceID, pinned: ClusterPublicKey?
  ) async throws -> (kept: Kept, desired: DesiredState)? {
    let bytes: [UInt8]?
    do { bytes = try file.read(limit: Self.longest) } catch {
      throw InstanceCannotStart("The kept desired state is lost: \(error.plainWords).")
    }
    guard let bytes else { return nil }
    do {
      let content = try WireJSON.decode(Content.self, from: bytes)
      var chain = try await Self.chain(content)
      if let pinned {
        guard let known = chain.starting(at: pinned) else {
          throw InstanceCannotStart(
            "\(file.path) was signed with another key than --cluster-key names. After a rotation "
              + "of the key keep the file that the instance had before: the instance follows by "
              + "itself. If it moves to another cluster, remove \(file.path).")
        }
        chain = known
      }
      let desired = try await chain.desiredState(in: content.desired, for: id, cluster: nil)
      return (Kept(chain: chain, document: content.desired, desired: desired), desired)
    } catch TrustFailure.wrongInstance {
      throw InstanceCannotStart(
        "\(file.path) belongs to another instance; give each its own with --state-directory.")
    } catch let error as InstanceCannotStart {
      throw error
    } catch {
      throw InstanceCannotStart(
        "\(file.path) is damaged: \(error.plainWords). "
          + "Without it the instance does not know whether it "
          + "is drained. Remove it to let the instance join again.")
    }
  }

  /// The keys in the file, each proved by the one before it.
  private static func chain(_ content: Content) async throws -> KeyChain {
    let key = try ClusterPublicKey(content.publicKey)
    var chain = KeyChain(root: try content.root.map { try ClusterPublicKey($0) } ?? key)
    _ = try await chain.follow((content.rotations ?? []).map(KeyChain.Step.init), cluster: nil)
    guard chain.current == key else { throw TrustFailure.wrongSignature }
    return chain
  }

  /// Stores a document. When this returns, it is on the disk.
  ///
  /// - Throws: `DurableFile.Failure`; then the old contents stay.
  func save(_ kept: Kept) throws {
    let chain = kept.chain
    var content = Content(publicKey: chain.current.text, desired: kept.document)
    if !chain.steps.isEmpty {
      content.root = chain.root.text
      content.rotations = chain.steps.map { KeyStep(from: $0.from, document: $0.document) }
    }
    try file.write(try WireJSON.encode(content))
  }
}

extension KeyChain.Step {
  /// A step as on the wire and in the state directory.
  init(_ step: KeyStep) { self.init(from: step.from, document: step.document) }
}
