internal import Glibc
internal import SmallFiles

/// An empty file in its own folder, which only this user can enter. Both are deleted with this
/// object.
package final class TemporaryFile: Sendable {
  package let path: String
  private let folder: String

  /// - Throws: `RegistryFailure`, `unavailable`, with the path.
  package init() throws(RegistryFailure) {
    do {
      folder = try PrivateFolder.make("aos-copy")
    } catch {
      throw .unavailable(error.description)
    }
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
