internal import ClusterModel
internal import Glibc

/// A small file that is always complete: after a crash or a loss of power it has either the old
/// contents or the new ones.
struct DurableFile: Sendable {
  let directory: String
  let name: String

  var path: String { "\(directory)/\(name)" }

  /// What failed, and where.
  struct Failure: PlainError {
    let description: String

    init(_ what: String, _ path: String, errno code: Int32 = errno) {
      description = "\(what) \(path): \(String(cString: strerror(code)))"
    }

    init(noFile path: String) {
      description = "\(path) is not a file"
    }
  }

  /// Opens a regular file and nothing else: a pipe would wait for its other end, and a device could
  /// do anything.
  ///
  /// - Throws: `Failure`.
  static func open(
    _ path: String, _ flags: Int32, orCannot what: String
  ) throws(Failure) -> Int32 {
    let file = Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
    guard file >= 0 else { throw Failure(what, path) }
    var info = stat()
    guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw Failure(noFile: path)
    }
    return file
  }

  /// The contents; nil where there is no such file.
  ///
  /// - Parameter limit: The most bytes; a longer file is cut off there.
  /// - Throws: `Failure`.
  func read(limit: Int) throws(Failure) -> [UInt8]? {
    guard access(path, F_OK) == 0 || errno != ENOENT else { return nil }
    let file = try Self.open(path, O_RDONLY, orCannot: "cannot open")
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
      let part = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, buffer.baseAddress?.advanced(by: count), limit - count)
      }
      if part < 0, errno == EINTR { continue }
      guard part >= 0 else { throw Failure("cannot read", path) }
      if part == 0 { break }
      count += part
    }
    return Array(bytes[..<count])
  }

  /// Replaces the contents, readable only for this user.
  ///
  /// - Throws: `Failure`; then the old contents stay.
  func write(_ bytes: [UInt8]) throws(Failure) {
    let temporary = path + ".new"
    // It may be left from a crash. Whatever it is, nothing is written into it.
    unlink(temporary)
    let file = try Self.open(temporary, O_WRONLY | O_CREAT | O_EXCL, orCannot: "cannot create")
    do throws(Failure) {
      defer { close(file) }
      try writeAll(bytes, to: file, named: temporary)
      guard fsync(file) == 0 else { throw Failure("cannot write", temporary) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else { throw Failure("cannot replace", path) }
    try Self.sync(directory)
  }

  private func writeAll(
    _ bytes: [UInt8], to file: Int32, named name: String
  ) throws(Failure) {
    var written = 0
    while written < bytes.count {
      let part = bytes.withUnsafeBytes { buffer in
        Glibc.write(file, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if part < 0, errno == EINTR { continue }
      guard part > 0 else { throw Failure("cannot write", name) }
      written += part
    }
  }

  /// The rename is a change of the directory, which must reach the disk, too.
  private static func sync(_ directory: String) throws(Failure) {
    let handle = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { throw Failure("cannot open", directory) }
    defer { close(handle) }
    guard fsync(handle) == 0 else { throw Failure("cannot write", directory) }
  }

  /// Makes a directory, and those above it, only for this user.
  ///
  /// - Throws: `Failure`.
  static func makeDirectory(_ path: String) throws(Failure) {
    var made = path.first == "/" ? "/" : ""
    for part in path.split(separator: "/") {
      made += part
      if mkdir(made, 0o700) != 0, errno != EEXIST { throw Failure("cannot create", made) }
      made += "/"
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else { throw Failure("cannot use", path) }
  }
}
