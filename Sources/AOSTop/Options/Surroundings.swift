internal import Glibc
internal import ProgramSupport
internal import TerminalScreen

extension Surroundings {
  /// Whether the locale, or a terminal of the old kind, has only ASCII.
  static var wantsASCII: Bool {
    let terminal = variables["TERM"] ?? ""
    let isOld = ["vt1", "vt2", "linux", "ansi"].contains { terminal.hasPrefix($0) }
    return !TerminalLocale.adopt() || isOld
  }

  /// The folder of this program.
  static var programFolder: String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return 0 }
      return readlink("/proc/self/exe", start, bytes.count)
    }
    guard count > 0, let slash = buffer[..<count].lastIndex(of: UInt8(ascii: "/")) else {
      return nil
    }
    return String(decoding: buffer[..<slash], as: UTF8.self)
  }
}
