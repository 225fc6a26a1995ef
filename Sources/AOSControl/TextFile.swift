internal import ClusterModel
internal import Glibc
internal import ProgramSupport
internal import SmallFiles

/// Small files that commands read and write.
enum TextFile {
  /// Most bytes of a file with a key or a license.
  static let longest = 16 << 10

  /// The bytes of a file, one more than allowed where it is longer, so that a reader can say so;
  /// `-` is standard input.
  ///
  /// - Throws: `ProgramFailure` for a file that cannot be read.
  static func bytes(of path: String, atMost limit: Int) throws(ProgramFailure) -> [UInt8] {
    do throws(InvalidValue) {
      return try SmallFile.bytes(of: path, field: "FILE", atMost: limit, takesInput: true)
    } catch {
      throw ProgramFailure(.wrongInput, error.complaint)
    }
  }

  /// The one word that a file with a license holds; `-` is standard input.
  ///
  /// - Throws: `ProgramFailure`, which never repeats what the file holds.
  static func word(in path: String) throws(ProgramFailure) -> String {
    do throws(InvalidValue) {
      return try SmallFile(path, field: "FILE", atMost: longest, takesInput: true).word()
    } catch {
      throw ProgramFailure(.wrongInput, error.complaint)
    }
  }

  /// Makes a file with a line in it. An existing one is left alone.
  ///
  /// - Parameter mode: Its permissions, less those that the umask takes.
  /// - Throws: `ProgramFailure`; no file is left behind then.
  static func make(_ path: String, line: String, mode: mode_t) throws(ProgramFailure) {
    let file = try NewFile(making: path, mode: mode)
    do throws(ProgramFailure) {
      try file.write(Array("\(line)\n".utf8))
      try file.finish()
    } catch {
      file.remove()
      throw error
    }
  }
}
