internal import ClusterModel
internal import Glibc

/// Small files that commands read and write.
enum TextFile {
  /// Most bytes of a file with a key or a license.
  static let longest = 16 << 10

  /// The bytes of a file, one more than allowed where it is longer, so that a reader can say so.
  ///
  /// - Throws: `CommandFailure` for a file that cannot be read.
  static func bytes(of path: String, atMost limit: Int) throws(CommandFailure) -> [UInt8] {
    let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { break }
      bytes += chunk.prefix(count)
    }
    return bytes
  }

  /// The one word that a file with a key or a license holds; `-` is standard input.
  ///
  /// - Throws: `CommandFailure`, which never repeats what the file holds.
  static func word(in path: String) throws(CommandFailure) -> String {
    let bytes = try bytes(of: path, atMost: longest)
    let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard bytes.count <= longest, words.count == 1 else {
      throw CommandFailure(.wrongInput, "\(path): must hold one word and nothing else")
    }
    return String(words[0])
  }

  /// Makes a file with a line in it. One that is there is left alone.
  ///
  /// - Parameter mode: Its permissions, whatever the umask says to add.
  /// - Throws: `CommandFailure`; no file is left behind then.
  static func make(_ path: String, line: String, mode: mode_t) throws(CommandFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw failure(path) }
    let bytes = Array("\(line)\n".utf8)
    let isWritten =
      write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    let failure = isWritten ? nil : failure(path)
    close(descriptor)
    guard let failure else { return }
    unlink(path)
    throw failure
  }

  private static func failure(_ path: String) -> CommandFailure {
    CommandFailure(.wrongInput, "\(path): \(String(cString: strerror(errno)))")
  }
}
