internal import ClusterModel
internal import Glibc

/// A file that is closed when nobody uses it any more.
package final class RecordingFile: LineSource {
  private let descriptor: Int32
  private let path: String

  /// Why a system call failed.
  package struct Trouble: PlainError, Equatable {
    package let description: String

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
    // A pipe that nobody writes to must not block this.
    let file = try open(path, O_RDONLY | O_NONBLOCK)
    guard file.isRegular else { throw Trouble(file.kindWords) }
    return file
  }

  /// Opens a file to append to it, and makes it if it does not exist. Nobody else may write to it,
  /// and it must not be the program's own output.
  static func toAppend(_ path: String) throws(Trouble) -> RecordingFile {
    guard !namesDescriptor(path) else { throw Trouble(ownOutput) }
    let file = try open(path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK)
    guard isatty(file.descriptor) == 0 else { throw Trouble("it is a terminal") }
    guard !file.isOutput else { throw Trouble(ownOutput) }
    guard file.isRegular || file.type == S_IFCHR else { throw Trouble(file.kindWords) }
    guard !file.isRegular || flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Trouble("another aostop is recording to it")
    }
    return file
  }

  private static let ownOutput =
    "it is an open file of this program, such as its output; a recording needs one of its own"

  /// Whether the path is like `-`, `/dev/stdout` or `/proc/self/fd/1`.
  private static func namesDescriptor(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    guard path.hasPrefix("/") else { return path == "-" }
    switch parts.first {
    case "dev": return parts.count > 1 && (parts[1] == "fd" || parts[1].hasPrefix("std"))
    case "proc": return parts.dropFirst(2).contains("fd")
    default: return false
    }
  }

  /// A file without a name, which disappears when the program ends in any way.
  ///
  /// - Parameter folders: The first folder in which it can be made is used.
  /// - Throws: Why it could not be made in the last folder.
  static func temporary(in folders: [String]) throws(Trouble) -> RecordingFile {
    ignoreLimit()
    var reason = Trouble("no folder is named")
    for folder in folders {
      // O_TMPFILE, which Swift does not import.
      let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_DIRECTORY | 0o20_000_000
      let unnamed = Glibc.open(folder, flags, 0o600)
      if unnamed >= 0 { return RecordingFile(descriptor: unnamed, path: folder) }
      // The file system has only files with names, so the name is removed at once.
      var template = Array("\(folder)/aostop-XXXXXX".utf8CString)
      let named = mkstemp(&template)
      if named >= 0 {
        unlink(template)
        _ = fcntl(named, F_SETFD, FD_CLOEXEC)
        _ = fcntl(named, F_SETFL, O_APPEND)
        return RecordingFile(descriptor: named, path: folder)
      }
      reason = Trouble("\(folder): \(Trouble(errno))")
    }
    throw reason
  }

  /// At the limit of the file's size a write should fail and not end the program.
  static func ignoreLimit() { signal(SIGXFSZ, SIG_IGN) }

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

  private var kindWords: String {
    switch type {
    case S_IFDIR: "it is a folder"
    case S_IFIFO: "it is a pipe, and a recording needs a regular file"
    default: "it is not a regular file"
    }
  }

  /// Whether standard output or standard error leads to this file.
  private var isOutput: Bool {
    let own = status
    guard type != S_IFCHR else { return false }
    return [STDOUT_FILENO, STDERR_FILENO].contains { number in
      var other = stat()
      return fstat(number, &other) == 0 && other.st_ino == own.st_ino
        && other.st_dev == own.st_dev
    }
  }

  var size: Int { status.st_size }

  /// Whether the path still leads to this file.
  var isInPlace: Bool {
    var there = stat()
    let own = status
    return stat(path, &there) == 0 && there.st_ino == own.st_ino && there.st_dev == own.st_dev
  }

  package func read(at offset: Int, count: Int) -> [UInt8] {
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

  /// Adds all of the bytes, or none.
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
