package import Glibc

/// A program that was started. It is killed at the latest when nothing refers to it any more, or
/// when this process is gone.
package final class Child {
  package let id: pid_t
  package let name: String
  private let output: Int32
  private var unread: [UInt8] = []
  private var hasEnded = false

  /// Starts a program. Without a terminal its output can be read, and its log goes to a file.
  ///
  /// - Parameters:
  ///   - name: What it is called in errors, and its log; nil: as its file.
  ///   - variables: What its environment has besides, such as `NAME=value`.
  /// - Throws: `ProgramFailure`.
  package init(
    _ path: String, _ arguments: [String], in folder: ScratchFolder,
    terminal: PseudoTerminal? = nil, name: String? = nil, variables: [String] = []
  ) throws {
    self.name = name ?? path.split(separator: "/").last.map(String.init) ?? path
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw ProgramFailure("pipe", errno) }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let terminal {
      // The first terminal that the leader of a session opens becomes its own.
      posix_spawn_file_actions_addopen(&actions, 0, terminal.path, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
      posix_spawn_file_actions_addopen(
        &actions, 2, folder.path("\(self.name).log"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
    }
    for descriptor in Folder.names("/proc/self/fd").compactMap({ Int32($0) }) where descriptor > 2 {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    var attributes = posix_spawnattr_t()
    let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID, which glibc shows to GNU programs only
    Self.openToSignals(&attributes, flags: terminal == nil ? 0 : newSession)
    defer { posix_spawnattr_destroy(&attributes) }
    // One with a terminal ends with it, and the terminal ends with this process.
    if terminal == nil {
      do throws(ProgramFailure) { try ChildGroup.join(&attributes) } catch {
        close(ends[0])
        throw error
      }
    }
    let words = ([path] + arguments).map { strdup($0) }
    let settings = (Self.environment(in: folder) + variables).map { strdup($0) }
    defer { for word in words + settings { free(word) } }
    var child = pid_t()
    let error = posix_spawnp(
      &child, path, &actions, &attributes, words + [nil], settings + [nil])
    guard error == 0 else {
      close(ends[0])
      throw ProgramFailure("start \(path)", error)
    }
    id = child
    output = ends[0]
  }

  deinit {
    kill()
    close(output)
  }

  /// Prepares the attributes of a child that obeys all signals. The threads of tests block most of
  /// them, and children would inherit that.
  package static func openToSignals(_ attributes: inout posix_spawnattr_t, flags: Int32 = 0) {
    posix_spawnattr_init(&attributes)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | flags))
  }

  /// The same for every program: a person's terminal in UTC, and a home of its own.
  private static func environment(in folder: ScratchFolder) -> [String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return [
      "PATH=\(path):/usr/sbin", "HOME=\(folder.root)", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
      "TERM=xterm-256color", "TZ=UTC", "ESCDELAY=25",
    ]
  }

  /// Stops it in its tracks.
  package func freeze() {
    Glibc.kill(id, SIGSTOP)
    var status: Int32 = 0
    while waitpid(id, &status, WUNTRACED) < 0, errno == EINTR {}
  }

  /// Ends it without a word.
  package func kill() {
    guard !hasEnded else { return }
    hasEnded = true
    Glibc.kill(id, SIGKILL)
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
  }

  /// Whether it has not ended by itself.
  package var isRunning: Bool {
    guard !hasEnded else { return false }
    var status: Int32 = 0
    hasEnded = waitpid(id, &status, WNOHANG) == id
    return !hasEnded
  }

  /// The next line of its output if it is there by now.
  ///
  /// - Throws: `ProgramFailure` when it ends without one.
  package func lineIfThere() throws -> String? {
    var entry = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    guard unread.contains(10) || poll(&entry, 1, 0) > 0 else { return nil }
    return try line()
  }

  /// The next line of its output.
  ///
  /// - Throws: `ProgramFailure` when it ends or says nothing for a minute.
  package func line() throws -> String {
    while true {
      if let end = unread.firstIndex(of: 10) {
        defer { unread.removeSubrange(...end) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      guard try readMore() else { throw ProgramFailure("\(name) ended before it was ready") }
    }
  }

  /// Everything that it says until it ends.
  package func rest() throws -> String {
    while try readMore() {}
    return String(decoding: unread, as: UTF8.self)
  }

  private func readMore() throws -> Bool {
    var entry = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, 60_000) > 0 else {
      throw ProgramFailure("\(name) says nothing for a minute")
    }
    var part = [UInt8](repeating: 0, count: 16_384)
    let count = read(output, &part, part.count)
    guard count > 0 else { return false }
    unread += part[..<count]
    return true
  }
}
