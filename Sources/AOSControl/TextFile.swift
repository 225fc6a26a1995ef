internal import Glibc
internal import SmallFiles

/// Small files that commands read and write.
enum TextFile {
  /// Most bytes of a file with a key or a license.
  static let longest = 16 << 10

  /// The bytes of a file, one more than allowed where it is longer, so that a reader can say so;
  /// `-` is standard input.
  ///
  /// - Throws: `CommandFailure` for a file that cannot be read.
  static func bytes(of path: String, atMost limit: Int) throws(CommandFailure) -> [UInt8] {
    do throws(SmallFile.Fault) {
      return try SmallFile.bytes(of: path, atMost: limit, takesInput: true)
    } catch {
      throw CommandFailure(.wrongInput, "\(error)")
    }
  }

  /// The one word that a file with a key or a license holds; `-` is standard input.
  ///
  /// - Throws: `CommandFailure`, which never repeats what the file holds.
  static func word(in path: String) throws(CommandFailure) -> String {
    do throws(SmallFile.Fault) {
      return try SmallFile(path, atMost: longest, takesInput: true).word()
    } catch {
      throw CommandFailure(.wrongInput, "\(error)")
    }
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
