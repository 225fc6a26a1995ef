internal import ClusterModel
internal import SmallFiles
internal import Glibc

/// A file as the file system knows it, whatever name leads to it.
struct FileIdentity: Equatable {
  private var device: UInt64
  private var inode: UInt64

  /// The file that the path leads to now; nil where there is none.
  init?(path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    device = UInt64(info.st_dev)
    inode = UInt64(info.st_ino)
  }
}

/// Makes the file of a registry, which holds the cluster's signing key, for its owner alone.
enum DatabaseFile {
  /// Makes the directory and the file where they are missing. SQLite gives the files it puts beside
  /// it the same rights.
  static func prepare(path: String) throws(DatabaseFault) {
    let directory = directory(of: path)
    try makeDirectory(directory)
    try check(directory, as: .databaseFolder)
    // Made here, before SQLite does, so that it never exists with more rights.
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      close(descriptor)
      try sync(directory)
    } else if errno != EEXIST {
      throw DatabaseFault(complaint: "cannot be made: \(reason(errno))")
    }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func makeDirectory(_ path: String) throws(DatabaseFault) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, path.contains("/"), directory(of: path) != path else {
      throw DatabaseFault(complaint: "cannot be made: its directory: \(reason(errno))")
    }
    try makeDirectory(directory(of: path))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw DatabaseFault(complaint: "cannot be made: its directory: \(reason(errno))")
    }
  }

  /// Makes the new name in the directory outlive a loss of power.
  private static func sync(_ directory: String) throws(DatabaseFault) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw DatabaseFault(complaint: "cannot be made: its directory: \(reason(errno))")
    }
  }

  /// Trusts a file, and whatever SQLite reads beside it, only where nobody else can have written
  /// it, and shuts everybody else out.
  static func shut(_ path: String) throws(DatabaseFault) {
    var info = stat()
    for file in [path] + companions.map({ path + $0 }) {
      try check(file, as: .database)
      if file != path, lstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFLNK {
        throw DatabaseFault.notOurs(
          "cannot be opened: \(file) is a symbolic link, which SQLite does not follow; "
            + "move the file that it leads to into its place")
      }
      guard stat(file, &info) == 0 else { continue }
      guard info.st_mode & S_IFMT == S_IFREG else {
        throw DatabaseFault.notOurs("is not a file")
      }
      guard info.st_mode & 0o007 != 0 else { continue }
      guard chmod(file, info.st_mode & 0o770) == 0 else {
        throw DatabaseFault.notOurs("may be read by everybody, and it holds the cluster's key")
      }
    }
    guard stat(path, &info) == 0 else {
      throw DatabaseFault(complaint: "cannot be opened: \(reason(errno))")
    }
  }

  /// What SQLite keeps beside a database: the log of what is written, its index, and the pages to
  /// put back after a crash.
  private static let companions = ["-wal", "-shm", "-journal"]

  private static func check(_ path: String, as kind: GuardedFile) throws(DatabaseFault) {
    do throws(InvalidValue) { try FileRights.check(path, as: kind, field: "--database") } catch {
      throw DatabaseFault.notOurs("cannot be trusted: \(error.complaint)")
    }
  }

  private static func reason(_ number: Int32) -> String {
    String(cString: strerror(number))
  }
}
