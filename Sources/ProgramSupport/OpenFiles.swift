internal import Glibc

/// The number of files and sockets that a process may open.
package enum OpenFiles {
  /// The message of a program that has too few.
  package static let words =
    "too many open files: raise the limit on open files (ulimit -n)"

  /// Every program calls this before it does anything else. The libraries trap where the system
  /// refuses a descriptor for one of their event loops; they need one for each processor.
  ///
  /// - Parameter count: What the program needs besides, before anybody connects.
  /// - Throws: `ProgramFailure` where there are too few.
  package static func check(besides count: Int = 16) throws(ProgramFailure) {
    let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    guard hasRoom(for: 3 * processors + count) else { throw ProgramFailure(.wrongInput, words) }
  }

  static func hasRoom(for count: Int) -> Bool {
    var taken: [CInt] = []
    defer { for descriptor in taken { close(descriptor) } }
    while taken.count < count {
      let descriptor = open("/", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return false }
      taken.append(descriptor)
    }
    return true
  }
}
