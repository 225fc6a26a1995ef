internal import Glibc

/// A new file for a key, a token, a license or a backup: it is written beside its place and put
/// there at the end, so it holds everything or is not there.
package final class NewFile {
  private let path: String
  private let temporary: String
  private let descriptor: CInt
  private let isReplacing: Bool

  /// Makes the file, before there is anything to put into it.
  ///
  /// - Parameters:
  ///   - mode: Its permissions, less those that the umask takes.
  ///   - isReplacing: Takes the place of one that is there, which is left alone otherwise.
  /// - Throws: `ProgramFailure` with the path.
  package init(
    making path: String, mode: UInt32, replacing isReplacing: Bool = false
  ) throws(ProgramFailure) {
    guard isReplacing || access(path, F_OK) != 0 else { throw Self.failure(path, EEXIST) }
    self.path = path
    self.isReplacing = isReplacing
    temporary = "\(path).\(UInt32.random(in: 0...UInt32.max)).part"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  package func write(_ bytes: [UInt8]) throws(ProgramFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count == 0 || errno != EINTR {
        throw Self.failure(path, count == 0 ? EIO : errno)
      }
    }
  }

  /// Puts the file into its place, on the disk.
  package func finish() throws(ProgramFailure) {
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
  package func remove() { unlink(temporary) }

  private static func failure(_ path: String, _ error: CInt) -> ProgramFailure {
    ProgramFailure(.wrongInput, "\(path): \(String(cString: strerror(error)))")
  }
}
