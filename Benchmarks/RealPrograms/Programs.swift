internal import Glibc

/// Where the programs of the project are: beside this one.
package struct Programs: Sendable {
  package var folder: String

  package init(folder: String) { self.folder = folder }

  package var aosd: String { "\(folder)/aosd" }
  package var aostop: String { "\(folder)/aostop" }

  /// Where this program lies.
  ///
  /// - Throws: `ProgramFailure`.
  package static func ownFolder() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { throw ProgramFailure("/proc/self/exe", errno) }
    let path = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
  }

  /// Thousands of sockets, here and in the programs that are started.
  package static func allowManyFiles() {
    // More than a process may have by its own decision is root's to allow.
    for most in [mostWanted, fileLimit.rlim_max] {
      var limit = fileLimit
      limit.rlim_max = max(limit.rlim_max, most)
      limit.rlim_cur = limit.rlim_max
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { return }
    }
  }

  private static let mostWanted: rlim_t = 1 << 16

  /// How many files this process may have open, and those that it starts.
  package static var mostFiles: Int { Int(min(fileLimit.rlim_cur, 1 << 30)) }

  private static var fileLimit: rlimit {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return limit
  }
}

/// Why a program cannot be run.
package struct ProgramFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }

  package init(_ call: String, _ code: Int32) {
    description = "\(call): \(String(cString: strerror(code)))"
  }
}

/// What a program that measures says: the result on standard output, and on standard error how
/// far it is.
package enum Output {
  package static func line(_ text: String) { say(text, to: STDOUT_FILENO) }

  package static func note(_ text: String) { say(text, to: STDERR_FILENO) }

  private static func say(_ text: String, to file: Int32) {
    var rest = Array((text + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}
