internal import Glibc
internal import RealPrograms

/// A PostgreSQL server of its own, reached through a socket in its folder alone.
struct Database {
  let member: Member
  /// For `aosd balancer --database`.
  let url: String
  private let folder: ScratchFolder
  private let programs: String
  private let place: String

  /// Makes it and starts it.
  ///
  /// - Throws: `ProgramFailure`.
  init(in folder: ScratchFolder) throws {
    let versions = Folder.names("/usr/lib/postgresql").compactMap { Int($0) }
    guard let newest = versions.max() else {
      throw ProgramFailure("PostgreSQL is not installed; `make test-packages` installs it")
    }
    let programs = "/usr/lib/postgresql/\(newest)/bin"
    let place = folder.path("postgres")
    (self.folder, self.programs, self.place) = (folder, programs, place)
    try Self.makePlace(place, below: folder)
    let made = Self.asItsUser(
      ["\(programs)/initdb", "-D", "\(place)/data", "-U", "aos", "-A", "trust", "--no-locale"]
        + ["-E", "UTF8", "--no-sync"])
    _ = try Child("/usr/bin/env", made, in: folder, name: "initdb").rest()
    // What a kill -9 may lose is what the program holds, and never what the kernel has: without
    // fsync the test is the same and spares the disk.
    let served = Self.asItsUser(
      ["\(programs)/postgres", "-D", "\(place)/data", "-k", place, "-c", "listen_addresses="]
        + ["-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "logging_collector=off"])
    member = Member("postgres", .database, "/usr/bin/env", served, in: folder) {
      FileText.read("\(place)/data/postmaster.pid").contains("ready")
    }
    url = "postgres://aos@\(place.split(separator: "/").map { "%2F\($0)" }.joined())/aos"
  }

  /// One answer to a question in SQL; empty where there is none.
  func ask(_ question: String, of database: String = "aos") throws -> String {
    let words = ["-h", place, "-U", "aos", "-d", database, "-X", "-A", "-t", "-c", question]
    return try Child("\(programs)/psql", words, in: folder, name: "psql").rest()
  }

  /// The server refuses to run as root.
  private static func asItsUser(_ words: [String]) -> [String] {
    guard geteuid() == 0 else { return words }
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + words
  }

  private static func makePlace(_ place: String, below folder: ScratchFolder) throws {
    guard mkdir(place, 0o700) == 0 else { throw ProgramFailure(place, errno) }
    guard geteuid() == 0 else { return }
    guard let user = getpwnam("postgres")?.pointee else {
      throw ProgramFailure("there is no user postgres")
    }
    guard chmod(folder.root, 0o711) == 0, chown(place, user.pw_uid, user.pw_gid) == 0 else {
      throw ProgramFailure(place, errno)
    }
  }
}
