package import ClusterModel
internal import Glibc

/// What a program knows about its machine.
package enum Surroundings {
  /// The environment variables; an empty one counts as not set.
  package static let variables: [String: String] = {
    var values: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2, !pair[1].isEmpty { values[String(pair[0])] = String(pair[1]) }
      entry += 1
    }
    return values
  }()

  /// Folders for large temporary files. `/tmp` comes last, since it may be in memory.
  package static var largeTemporaryFolders: [String] {
    [variables["TMPDIR"], "/var/tmp", "/tmp"].compactMap(\.self)
  }

  /// The name of the user for the cluster; nil where no variable says it.
  package static var user: String? { user(in: variables) }

  /// `LOGNAME` is the name in POSIX; `USER` is a custom.
  static func user(in variables: [String: String]) -> String? {
    variables["LOGNAME"] ?? variables["USER"]
  }

  /// The name of this machine.
  package static var computer: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The wall clock.
  package static var now: Timestamp { Timestamp(milliseconds: milliseconds(CLOCK_REALTIME)) }

  /// Milliseconds that never go back, even while the wall clock is set or the machine sleeps.
  package static var monotonicMilliseconds: Int64 { milliseconds(CLOCK_BOOTTIME) }

  private static func milliseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
