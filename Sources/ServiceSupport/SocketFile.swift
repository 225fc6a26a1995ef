internal import ClusterModel
internal import Glibc
internal import Synchronization

/// The file of a Unix socket on which a daemon listens.
///
/// A path on which a program answers is left to it, and one that is no socket is left as it is.
/// The socket is bound under a name of its own and moved to its path when it is complete: nobody
/// sees it with other permissions, and no moment passes without an old socket or the new one.
/// Daemons that start at the same time take turns by a lock on the folder. At its end a daemon
/// deletes the file only if it is still its own.
final class SocketFile: Sendable {
  /// Why a path cannot be used.
  struct Refusal: PlainError, Equatable {
    let description: String
  }

  /// The longest path of a Unix socket, in bytes. The system takes 107 (unix(7)), and SwiftNIO,
  /// with which clients connect, 103.
  static let longestPath = 103

  private struct Identity: Equatable {
    var device: dev_t
    var inode: ino_t
  }

  private struct State {
    var own: Identity?
    var failure: Refusal?
  }

  let path: String
  /// Where the socket is bound.
  let temporaryPath: String
  /// The folder, which is locked until the socket is published. Open for as long as the socket
  /// is: a path may lead through it.
  private let folder: CInt
  private let state = Mutex(State())

  /// Another daemon holds the lock for a few milliseconds; it is waited for five seconds.
  private static let tries = 250
  private static let pause = Duration.milliseconds(20)
  private static let permissions: mode_t = 0o660

  /// Takes a path for this daemon.
  ///
  /// - Throws: `Refusal`, or `CancellationError`.
  init(claiming path: String) async throws {
    self.path = path
    let length = path.utf8.count
    guard (1...Self.longestPath).contains(length) else {
      throw Refusal(
        description: "the path of the Unix socket has \(length) bytes, and clients take 1 to "
          + "\(Self.longestPath)")
    }
    let slash = path.lastIndex(of: "/")
    let folderPath = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    folder = open(folderPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw Self.refusal("its folder cannot be opened") }
    let beside = "\(path).\(getpid())"
    temporaryPath =
      beside.utf8.count <= Self.longestPath ? beside : "/proc/self/fd/\(folder)/.\(getpid())"
    do {
      try await lock()
      try Self.check(path)
    } catch {
      close(folder)
      throw error
    }
  }

  private func lock() async throws {
    for _ in 0..<Self.tries {
      if flock(folder, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK || errno == EINTR else { return }  // no locks here: go without
      try await Task.sleep(for: Self.pause)
    }
    // A holder that keeps it for longer is no daemon that starts, and keeps none from starting.
  }

  /// - Throws: `Refusal` where something else has the path.
  private static func check(_ path: String) throws(Refusal) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw refusal("it cannot be looked at")
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw Refusal(description: "there is something else at this path, which is no socket")
    }
    switch answer(at: path) {
    case 0, EAGAIN, EINPROGRESS:
      throw Refusal(description: "another program answers at this socket already")
    case ECONNREFUSED, ENOENT: return  // left over
    case EPROTOTYPE: throw Refusal(description: "a socket of another kind is there")
    case let error:
      errno = error
      throw refusal("whether another program answers there is not known")
    }
  }

  /// The error number of a connection to a socket; 0: somebody is there.
  private static func answer(at path: String) -> CInt {
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return result == 0 ? 0 : errno
  }

  /// Why the socket is not at its path, if that went wrong.
  var failure: Refusal? { state.withLock { $0.failure } }

  /// Moves the socket, which is bound by now, to its path.
  ///
  /// - Returns: Whether it is there.
  func publish() -> Bool {
    defer { flock(folder, LOCK_UN) }
    chmod(temporaryPath, Self.permissions)
    let own = Self.identity(of: temporaryPath)
    let isMoved = rename(temporaryPath, path) == 0
    let failure = isMoved ? nil : Self.refusal("it cannot be put there")
    state.withLock { $0 = State(own: isMoved ? own : nil, failure: failure) }
    return isMoved
  }

  /// Deletes the file, if it is still this daemon's. Called once, at the end.
  func release() {
    defer { close(folder) }
    guard let own = state.withLock({ $0.own }) else {
      unlink(temporaryPath)
      return
    }
    // Nobody puts another socket there between the look and the deletion. Another
    // holder of the lock keeps this program from ending for 100 ms at most.
    for _ in 0..<50 where flock(folder, LOCK_EX | LOCK_NB) != 0 { usleep(2_000) }
    if Self.identity(of: path) == own { unlink(path) }
  }

  private static func identity(of path: String) -> Identity? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return Identity(device: status.st_dev, inode: status.st_ino)
  }

  private static func refusal(_ words: String) -> Refusal {
    Refusal(description: "\(words): \(String(cString: strerror(errno)))")
  }
}
