internal import Glibc

/// A file for a secret that appears whole or not at all: it is written beside its place and put
/// there at the end.
final class WholeFile {
  private let path: String
  private let temporary: String
  private let descriptor: Int32
  private let isReplacing: Bool

  /// - Throws: `CommandFailure` where there is a file already, or none can be made.
  init(making path: String, replacing isReplacing: Bool) throws(CommandFailure) {
    guard isReplacing || access(path, F_OK) != 0 else { throw Self.failure(path, EEXIST) }
    self.path = path
    self.isReplacing = isReplacing
    temporary = "\(path).\(UInt32.random(in: 0...UInt32.max)).part"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) throws(CommandFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw Self.failure(path, errno)
      }
    }
  }

  /// Puts the file into its place, on the disk.
  func finish() throws(CommandFailure) {
    guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
    if isReplacing {
      guard rename(temporary, path) == 0 else { throw Self.failure(path, errno) }
    } else {
      // Unlike a renaming, a link replaces nothing that somebody has put there meanwhile.
      guard link(temporary, path) == 0 else { throw Self.failure(path, errno) }
      unlink(temporary)
    }
  }

  /// Nothing came of it.
  func remove() { unlink(temporary) }

  private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
    CommandFailure(.wrongInput, "\(path): \(String(cString: strerror(code)))")
  }
}
