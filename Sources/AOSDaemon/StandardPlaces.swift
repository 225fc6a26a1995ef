internal import ClusterModel
internal import Glibc
internal import ProgramSupport
internal import Registry
internal import SmallFiles

/// The default places of a balancer's socket and registry: where aostop and aosctl look for them
/// (Filesystem Hierarchy Standard; XDG Base Directory Specification), or in the folders that
/// systemd made for a service (systemd.exec(5), `RuntimeDirectory=` and `StateDirectory=`).
struct StandardPlaces {
  let environment: [String: String]
  let isRoot: Bool

  var socket: String? {
    if let directory = Self.first(of: environment["RUNTIME_DIRECTORY"]) {
      return directory + "/balancer.sock"
    }
    if isRoot { return "/run/aos/balancer.sock" }
    return environment["XDG_RUNTIME_DIR"].map { $0 + "/aos/balancer.sock" }
  }

  /// - Throws: `InvalidValue` for a home directory that cannot contain a database.
  func database() throws -> DatabaseURL? {
    if let directory = Self.first(of: environment["STATE_DIRECTORY"]) {
      return try DatabaseURL("sqlite:\(directory)/cluster.db")
    }
    if isRoot { return try DatabaseURL("sqlite:/var/lib/aos/cluster.db") }
    let state =
      environment["XDG_STATE_HOME"] ?? environment["HOME"].map { $0 + "/.local/state" }
    return try state.map { try DatabaseURL("sqlite:\($0)/aos/cluster.db") }
  }

  /// systemd passes several folders as one text, separated by colons.
  private static func first(of directories: String?) -> String? {
    directories?.split(separator: ":").first.map(String.init)
  }
}

/// Folders that a daemon makes for itself.
enum Folder {
  /// Prepares the folder of a Unix socket: it exists, nobody else owns it, and whatever the process
  /// makes from then on is not open to everybody. So the socket never is, not even between its
  /// creation and the change of its mode.
  ///
  /// - Throws: `ProgramFailure` naming the option.
  static func prepareForSocket(_ path: String, option: String) throws {
    umask(umask(0o777) | 0o007)
    try make(above: path, option: option)
    guard let slash = path.lastIndex(of: "/") else { return }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    do throws(InvalidValue) {
      try FileRights.check(folder, as: .socketFolder, field: option)
    } catch { throw ProgramFailure(.wrongInput, "\(option): \(error.complaint)") }
  }

  /// Makes the folder of a file, and those above it, for the owner and the group.
  ///
  /// - Throws: `ProgramFailure` naming the option.
  static func make(above path: String, option: String) throws {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    let folder = String(path[..<slash])
    if mkdir(folder, 0o750) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else {
      throw failure(option, folder)
    }
    try make(above: folder, option: option)
    guard mkdir(folder, 0o750) == 0 || errno == EEXIST else {
      throw failure(option, folder)
    }
  }

  private static func failure(_ option: String, _ folder: String) -> ProgramFailure {
    ProgramFailure(
      .wrongInput, "\(option): cannot make \(folder): \(String(cString: strerror(errno)))")
  }
}
