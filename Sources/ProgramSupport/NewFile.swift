internal import Glibc

/// A new file for a key, a token, a license or a backup. It is written beside its final path and
/// moved there at the end, so it is complete or does not exist.
package final class NewFile: Sendable {
  /// The path as it was given.
  private let path: String
  /// The final path: the target of a symbolic link, not the link.
  private let place: String
  private let temporary: String
  private let descriptor: CInt
  private let isReplacing: Bool
  /// Who else may use the file, where the file system keeps no permissions; nil: nobody.
  package let warning: String?

  /// Makes the file before there is anything to write.
  ///
  /// - Parameters:
  ///   - mode: Its permissions, before the umask.
  ///   - isReplacing: Whether it replaces an existing regular file. A device or a pipe is never
  ///     replaced, since that would break the programs that use it.
  ///   - mayBeOpen: Whether a file system without permissions, such as FAT, is a reason for a
  ///     warning and not for an error.
  /// - Throws: `ProgramFailure` with the path.
  package init(
    making path: String, mode: UInt32, replacing isReplacing: Bool = false,
    mayBeOpen: Bool = false
  ) throws(ProgramFailure) {
    // Check this now, and not when there is something to write.
    guard let last = path.utf8.last, last != UInt8(ascii: "/") else {
      throw ProgramFailure(
        .wrongInput,
        path.isEmpty ? "an empty path names no file" : "\(path): names a directory, not a file")
    }
    place = try Self.place(of: path, isReplacing)
    self.path = path
    self.isReplacing = isReplacing
    temporary = "\(place).\(UInt32.random(in: 0...UInt32.max)).part"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    var status = stat()
    fstat(descriptor, &status)
    warning = Self.others(status.st_mode, beyond: mode).map {
      "\(path): others may \($0) it there, since the file system keeps no permissions; "
        + "mount it with umask=077 to keep them out"
    }
    if let warning, !mayBeOpen {
      unlink(temporary)
      throw ProgramFailure(.wrongInput, warning)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// What others can do with a file beyond what was wanted: a file system without permissions
  /// gives every file the permissions of its mount.
  static func others(_ mode: mode_t, beyond wanted: mode_t) -> String? {
    switch mode & 0o066 & ~wanted {
    case 0: nil
    case let more where more & 0o022 == 0: "read"
    case let more where more & 0o044 == 0: "write"
    default: "read and write"
    }
  }

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

  /// Moves the file to its path and waits until it is on the disk.
  package func finish() throws(ProgramFailure) { try finish { link($0, $1) } }

  /// - Parameter link: Gives a file another name if that is free, as link(2) does.
  func finish(_ link: (_ file: String, _ name: String) -> CInt) throws(ProgramFailure) {
    guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
    if isReplacing {
      try Self.checkReplaceable(place, named: path)
      guard rename(temporary, place) == 0 else { throw Self.failure(path, errno) }
    } else if link(temporary, place) == 0 {
      // A rename could have replaced a file that somebody made meanwhile.
      unlink(temporary)
    } else {
      // The answers of a file system without hard links, such as FAT.
      guard [EPERM, ENOSYS, EOPNOTSUPP, EMLINK].contains(errno) else {
        throw Self.failure(path, errno)
      }
      try claimAndRename()
    }
  }

  /// Makes an empty file with the final name, if that is free, and then replaces it. So a file that
  /// somebody made meanwhile is not replaced.
  private func claimAndRename() throws(ProgramFailure) {
    let claim = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard claim >= 0 else { throw Self.failure(path, errno) }
    close(claim)
    guard rename(temporary, place) == 0 else {
      let reason = errno
      unlink(place)
      throw Self.failure(path, reason)
    }
  }

  /// Removes the file without a trace.
  package func remove() { unlink(temporary) }

  private static func place(
    of path: String, _ isReplacing: Bool
  ) throws(ProgramFailure) -> String {
    guard let kind = kind(of: path) else { return path }
    guard isReplacing else { throw failure(path, EEXIST) }
    var place = path
    if kind == S_IFLNK {
      guard let target = realpath(path, nil) else {
        throw ProgramFailure(.wrongInput, "\(path): the symbolic link leads nowhere")
      }
      defer { free(target) }
      place = String(cString: target)
    }
    try checkReplaceable(place, named: path)
    return place
  }

  /// It is also fine if nothing exists there.
  private static func checkReplaceable(
    _ place: String, named path: String
  ) throws(ProgramFailure) {
    guard let kind = kind(of: place), kind != S_IFREG else { return }
    throw ProgramFailure(
      .wrongInput, "\(path): \(words(for: kind)), and only a regular file is replaced")
  }

  /// The kind of the file itself and not of a link's target; nil where nothing exists.
  private static func kind(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  private static func words(for kind: mode_t) -> String {
    switch kind {
    case S_IFDIR: "is a directory"
    case S_IFIFO: "is a pipe"
    case S_IFSOCK: "is a socket"
    case S_IFLNK: "is a symbolic link"
    default: "is a device"
    }
  }

  private static func failure(_ path: String, _ error: CInt) -> ProgramFailure {
    ProgramFailure(.wrongInput, "\(path): \(String(cString: strerror(error)))")
  }
}
