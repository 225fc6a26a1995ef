internal import ClusterModel
internal import Glibc
internal import ProgramSupport
internal import SmallFiles

/// Small files that commands read and write.
enum TextFile {
  /// The most bytes of a file with a key or a license.
  static let longest = 16 << 10

  /// The bytes of a file; one more than allowed if it is longer, so that the caller can report
  /// that. `-` is standard input.
  ///
  /// - Throws: `ProgramFailure` for a file that cannot be read.
  static func bytes(of path: String, atMost limit: Int) throws(ProgramFailure) -> [UInt8] {
    do throws(InvalidValue) {
      return try SmallFile.bytes(of: path, field: "FILE", atMost: limit, takesInput: true)
    } catch {
      throw ProgramFailure(.wrongInput, error.complaint)
    }
  }

  /// The only word in a file with a license; `-` is standard input.
  ///
  /// - Throws: `ProgramFailure`, which never repeats the contents of the file.
  static func word(in path: String) throws(ProgramFailure) -> String {
    do throws(InvalidValue) {
      return try SmallFile(path, field: "FILE", atMost: longest, takesInput: true).word()
    } catch {
      throw ProgramFailure(.wrongInput, error.complaint)
    }
  }

  /// Makes a file with one line. An existing file is not touched.
  ///
  /// - Parameter mode: Its permissions, before the umask.
  /// - Throws: `ProgramFailure`; then no file is left behind.
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
