internal import Glibc

/// A new file for a secret, which its owner alone can read from the moment it is there.
struct SecretFile {
  private let path: String
  private let descriptor: Int32

  /// - Throws: `CommandFailure` where there is a file already, or none can be made.
  init(making path: String) throws(CommandFailure) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw CommandFailure(.wrongInput, "--output: \(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Writes all of it, and closes the file.
  func write(_ text: String) throws(CommandFailure) {
    let bytes = Array(text.utf8)
    let count = Glibc.write(descriptor, bytes, bytes.count)
    let isKept = count == bytes.count && fsync(descriptor) == 0
    close(descriptor)
    guard isKept else {
      throw CommandFailure(
        .wrongInput, "--output: cannot write \(path); the token is lost, revoke it")
    }
  }

  /// Nothing came of it.
  func remove() { unlink(path) }
}
