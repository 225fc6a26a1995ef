internal import ClusterModel
internal import Glibc
internal import Synchronization

/// The file of a Unix socket on which a program listens.
///
/// A path on which another program answers is not taken, and a file that is not a socket is not
/// touched. The socket is bound under a temporary name and moved to its path when it is complete.
/// So nobody sees it with other permissions, and at every moment the path has the old socket or the
/// new one. Programs that start at the same time take turns through a lock on the folder. At its
/// end a program deletes the file only if it is still its own.
package final class SocketFile: Sendable {
  /// Why a path cannot be used.
  package struct Failure: PlainError, Equatable {
    package let description: String
  }

  /// The longest path of a Unix socket, in bytes. The system accepts 107 (unix(7)); SwiftNIO, with
  /// which clients connect, accepts 103.
  static let longestPath = 103

  private struct Identity: Equatable {
    var device: dev_t
    var inode: ino_t
  }

  private struct State {
    var own: Identity?
    var failure: Failure?
  }

  private let path: String
  private let permissions: mode_t
  /// The path where the socket is bound.
  package let temporaryPath: String
  /// The folder, locked until the socket is published. It stays open as long as the socket exists,
  /// since a path may lead through it.
  private let folder: CInt
  private let state = Mutex(State())

  /// Another program holds the lock for a few milliseconds. This one waits for at most five
  /// seconds.
  private static let tries = 250
  private static let pause = Duration.milliseconds(20)

  /// Claims a path for this program.
  ///
  /// - Parameter permissions: The permissions of the file at its path.
  /// - Throws: `Failure`, or `CancellationError`.
  package init(claiming path: String, permissions: UInt32 = 0o660) async throws {
    self.path = path
    self.permissions = permissions
    let length = path.utf8.count
    guard (1...Self.longestPath).contains(length) else {
      throw Failure(
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
    // A starting program holds the lock briefly. A program that keeps it longer must not block
    // others.
  }

  /// - Throws: `Failure` where something else has the path.
  private static func check(_ path: String) throws(Failure) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw refusal("it cannot be looked at")
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw Failure(description: "the file at this path is not a socket")
    }
    switch answer(at: path) {
    case 0, EAGAIN, EINPROGRESS:
      throw Failure(description: "another program answers at this socket already")
    case ECONNREFUSED, ENOENT: return  // left over
    case EPROTOTYPE: throw Failure(description: "a socket of another kind is there")
    case let error:
      errno = error
      throw refusal("whether another program answers there is not known")
    }
  }

  /// The error number of a connection to the socket; 0 where a program answers.
  private static func answer(at path: String) -> CInt {
    let descriptor = newSocket()
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    return with(path) { connect(descriptor, $0, $1) } == 0 ? 0 : errno
  }

  private static func newSocket() -> CInt {
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    return socket(AF_UNIX, kind | CInt(SOCK_CLOEXEC.rawValue), 0)
  }

  private static func with(
    _ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Binds the socket. It has its permissions from the first moment, because Linux copies those
  /// that the socket had before. Call `publish` once it listens, and `release` at the end.
  ///
  /// - Returns: Its descriptor, which the caller must close.
  /// - Throws: `Failure`.
  package func bind() throws(Failure) -> CInt {
    let descriptor = Self.newSocket()
    guard descriptor >= 0 else { throw Self.refusal("no socket can be made") }
    guard fchmod(descriptor, permissions) == 0,
      Self.with(temporaryPath, { Glibc.bind(descriptor, $0, $1) }) == 0
    else {
      let refusal = Self.refusal("it cannot be put there")
      close(descriptor)
      throw refusal
    }
    return descriptor
  }

  /// Why the socket could not be moved to its path; nil where it could.
  package var failure: Failure? { state.withLock { $0.failure } }

  /// Moves the bound socket to its path.
  ///
  /// - Returns: Whether this succeeded.
  package func publish() -> Bool {
    defer { flock(folder, LOCK_UN) }
    chmod(temporaryPath, permissions)
    let own = Self.identity(of: temporaryPath)
    let isMoved = rename(temporaryPath, path) == 0
    let failure = isMoved ? nil : Self.refusal("it cannot be put there")
    state.withLock { $0 = State(own: isMoved ? own : nil, failure: failure) }
    return isMoved
  }

  /// Deletes the file if it is still this program's. Call it once, at the end.
  package func release() {
    defer { close(folder) }
    guard let own = state.withLock({ $0.own }) else {
      unlink(temporaryPath)
      return
    }
    // The lock keeps others from putting another socket there between the check and the deletion.
    // Another holder of the lock delays the end of this program by 100 ms at most.
    for _ in 0..<50 where flock(folder, LOCK_EX | LOCK_NB) != 0 { usleep(2_000) }
    if Self.identity(of: path) == own { unlink(path) }
  }

  private static func identity(of path: String) -> Identity? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return Identity(device: status.st_dev, inode: status.st_ino)
  }

  private static func refusal(_ words: String) -> Failure {
    Failure(description: "\(words): \(String(cString: strerror(errno)))")
  }
}
