internal import Glibc

/// An empty file in a folder of its own that only this user can enter; both go with it.
package final class TemporaryFile: Sendable {
  package let path: String
  private let folder: String

  /// - Throws: `RegistryFailure`, `unavailable`, naming the place.
  package init() throws(RegistryFailure) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/aos-copy-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw .unavailable("\(parent): no folder can be made: \(String(cString: strerror(errno)))")
    }
    folder = String(cString: made)
    path = folder + "/registry.db"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      rmdir(folder)
      throw .unavailable("\(path): cannot be made: \(reason)")
    }
    close(descriptor)
  }

  deinit {
    for ending in ["", "-journal", "-wal", "-shm"] { unlink(path + ending) }
    rmdir(folder)
  }
}
