internal import ClusterModel
internal import SmallFiles
internal import Glibc

/// The identity of a file in its file system, whichever name leads to it.
struct FileIdentity: Equatable {
  private var device: UInt64
  private var inode: UInt64

  /// The file at this path now; nil where there is none.
  init?(path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    device = UInt64(info.st_dev)
    inode = UInt64(info.st_ino)
  }
}

/// Makes the file of a registry. It contains the cluster's signing key, so only its owner may read
/// it.
enum DatabaseFile {
  /// Makes the directory and the file if they are missing. SQLite gives the files beside it the
  /// same permissions.
  static func prepare(path: String) throws(DatabaseFault) {
    let directory = directory(of: path)
    try makeDirectory(directory)
    try check(directory, as: .databaseFolder)
    // The file is made here and not by SQLite, so that it never has more permissions.
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

  /// Makes sure that the new name in the directory survives a loss of power.
  private static func sync(_ directory: String) throws(DatabaseFault) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw DatabaseFault(complaint: "cannot be made: its directory: \(reason(errno))")
    }
  }

  /// Trusts a file, and the files that SQLite reads beside it, only if nobody else can have written
  /// them, and takes away the rights of all others.
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

  /// The files that SQLite keeps beside a database: the write-ahead log, its index, and the
  /// rollback journal.
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
