internal import Glibc

/// The files and sockets that a process may have open.
package enum OpenFiles {
  /// What a program says that cannot work.
  package static let words =
    "too many open files: raise the limit on open files (ulimit -n)"

  /// Every program asks before it does anything: the libraries below trap where the system refuses
  /// them a descriptor for their event loops, one for each processor.
  ///
  /// - Parameter count: What the program needs besides, before anybody connects.
  /// - Throws: `ProgramFailure` where it has no room.
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
