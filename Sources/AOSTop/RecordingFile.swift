internal import Glibc

/// A file that is open, and closed when nobody holds it any more.
final class RecordingFile: Sendable {
  let descriptor: Int32
  let path: String

  /// Why a call of the system did not do what it should.
  struct Trouble: Error, Equatable, CustomStringConvertible {
    let description: String

    /// - Parameter number: An error number of the system.
    init(_ number: Int32) { description = String(cString: strerror(number)) }

    init(_ words: String) { description = words }
  }

  private init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  static func toRead(_ path: String) throws(Trouble) -> RecordingFile {
    // Not to be kept waiting by a pipe that nobody writes to.
    let file = try open(path, O_RDONLY | O_NONBLOCK)
    guard file.isRegular else { throw Trouble("it is no regular file") }
    return file
  }

  /// Opens a file to add to, and makes it where it is not there. Nobody else may write to it.
  static func toAppend(_ path: String) throws(Trouble) -> RecordingFile {
    let file = try open(path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK)
    guard file.isRegular || file.type == S_IFCHR else { throw Trouble("it is no regular file") }
    guard !file.isRegular || flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Trouble("another aostop is recording to it")
    }
    return file
  }

  private static func open(_ path: String, _ flags: Int32) throws(Trouble) -> RecordingFile {
    let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Trouble(errno) }
    return RecordingFile(descriptor: descriptor, path: path)
  }

  private var status: stat {
    var status = stat()
    fstat(descriptor, &status)
    return status
  }

  private var type: mode_t { status.st_mode & S_IFMT }

  var isRegular: Bool { type == S_IFREG }
  var size: Int { status.st_size }

  /// The path still leads to this file.
  var isInPlace: Bool {
    var there = stat()
    let own = status
    return stat(path, &there) == 0 && there.st_ino == own.st_ino && there.st_dev == own.st_dev
  }

  /// Reads from a place; fewer bytes at the end, none behind it and where reading fails.
  func read(at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { space, filled in
      while filled < count {
        guard let start = space.baseAddress else { return }
        let part = pread(descriptor, start + filled, count - filled, offset + filled)
        if part > 0 {
          filled += part
        } else if part == 0 || errno != EINTR {
          return
        }
      }
    }
  }

  /// Adds all of it, or nothing.
  func append(_ bytes: [UInt8]) throws(Trouble) {
    let end = size
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        let number = count == 0 ? EIO : errno
        if isRegular { ftruncate(descriptor, end) }
        throw Trouble(number)
      }
    }
  }
}
