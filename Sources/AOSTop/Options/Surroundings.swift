internal import Glibc
internal import TerminalScreen

/// What the machine around the program says.
enum Surroundings {
  /// Milliseconds that only ever rise, also while the wall clock is set or the machine sleeps.
  static var monotonicMilliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  static var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// A variable of the environment; nil where it is empty.
  static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  static func variables(_ names: [String]) -> [String: String] {
    var values: [String: String] = [:]
    for name in names { values[name] = variable(name) }
    return values
  }

  /// The locale, or a terminal of the old kind, knows ASCII alone.
  static var wantsASCII: Bool {
    let terminal = variable("TERM") ?? ""
    let isOld = ["vt1", "vt2", "linux", "ansi"].contains { terminal.hasPrefix($0) }
    return !TerminalLocale.take() || isOld
  }

  /// Path of the folder that this program lies in.
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
