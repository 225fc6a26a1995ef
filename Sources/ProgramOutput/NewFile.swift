internal import ClusterModel
internal import Glibc

/// A new file for a key, a token or a license: it holds everything, or it is not there.
package struct NewFile: Sendable {
  /// What failed, with the path.
  package struct Failure: PlainError, Equatable, Sendable {
    package let description: String
  }

  package let path: String
  private let descriptor: CInt

  /// Makes the file, before there is anything to put into it. One that is there is left alone.
  ///
  /// - Parameter mode: Its permissions, less those that the umask takes.
  package init(making path: String, mode: UInt32) throws(Failure) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
  }

  /// Writes all of it, waits until it is on the disk, and closes the file.
  ///
  /// - Throws: `Failure`; the file is removed then.
  package func finish(_ text: String) throws(Failure) {
    var rest = Array(text.utf8)[...]
    var error: CInt = 0
    while !rest.isEmpty, error == 0 {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count == 0 || errno != EINTR {
        error = count == 0 ? EIO : errno
      }
    }
    if error == 0, fsync(descriptor) != 0 { error = errno }
    if close(descriptor) != 0, error == 0, errno != EINTR { error = errno }
    guard error == 0 else {
      remove()
      throw Self.failure(path, error)
    }
  }

  /// Nothing came of it.
  package func remove() { unlink(path) }

  private static func failure(_ path: String, _ error: CInt) -> Failure {
    Failure(description: "\(path): \(String(cString: strerror(error)))")
  }
}
