internal import Glibc

/// The process group of all programs that are started without a terminal of their own. When this
/// process has ended, in whatever way, a watchman kills the group, so no program continues alone.
enum ChildGroup {
  /// The watchman, which leads the group. It waits for the end of a pipe that only this process has
  /// open and nobody writes to.
  private static let watchman = Result<pid_t, ProgramFailure> { () throws(ProgramFailure) in
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw ProgramFailure("pipe", errno) }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    for stream: Int32 in [1, 2] {
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    join(0, &attributes)
    let order = ["/bin/sh", "-c", "cat; kill -KILL 0"]
    let words = order.map { strdup($0) }
    let settings = [strdup("PATH=/usr/bin:/bin")]
    defer { for word in words + settings { free(word) } }
    var child = pid_t()
    let error = posix_spawn(
      &child, "/bin/sh", &actions, &attributes, words + [nil], settings + [nil])
    guard error == 0 else {
      close(ends[1])
      throw ProgramFailure("start /bin/sh", error)
    }
    return child
  }

  /// Puts a program that is about to start into the group.
  ///
  /// - Throws: `ProgramFailure`.
  static func join(_ attributes: inout posix_spawnattr_t) throws(ProgramFailure) {
    join(try watchman.get(), &attributes)
  }

  /// - Parameter leader: 0: the program leads a new group.
  private static func join(_ leader: pid_t, _ attributes: inout posix_spawnattr_t) {
    var flags: Int16 = 0
    posix_spawnattr_getflags(&attributes, &flags)
    posix_spawnattr_setflags(&attributes, flags | Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, leader)
  }
}
