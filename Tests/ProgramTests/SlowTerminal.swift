import Foundation
import Glibc
import Testing

/// A terminal at the end of a slow line: it takes this many bytes, and then no more for a while.
///
/// What a program has written and the terminal has not taken waits in the kernel, as on a line.
final class SlowTerminal {
  private let master: Int32
  private let process: pid_t

  /// Starts a program in it, which has the terminal for itself.
  init(_ program: String, _ arguments: [String], rows: UInt16 = 24, columns: UInt16 = 80) throws {
    // posix_openpt and its like are not imported; this is what they do on Linux.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    var unlocked: Int32 = 0
    var number: Int32 = -1
    try #require(ioctl(master, 0x4004_5431, &unlocked) == 0)  // TIOCSPTLCK
    try #require(ioctl(master, 0x8004_5430, &number) == 0)  // TIOCGPTN
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Opened by the leader of a new session, it is its controlling terminal.
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/pts/\(number)", O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID
    Program.openToSignals(&attributes, flags: newSession)
    defer { posix_spawnattr_destroy(&attributes) }
    let words = ([program] + arguments).map { strdup($0) }
    // WezTerm marks the beginning and the end of each picture.
    let variables = "TERM=xterm-256color TERM_PROGRAM=WezTerm LC_ALL=C.UTF-8 ESCDELAY=25"
    let settings = variables.split(separator: " ").map { strdup(String($0)) }
    defer { for text in words + settings { free(text) } }
    var child = pid_t()
    let error = posix_spawn(
      &child, program, &actions, &attributes, words + [nil], settings + [nil])
    process = child
    try #require(error == 0, "\(program) cannot be started: \(error)")
  }

  deinit {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    close(master)
  }

  /// What a person types.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// Reads what waits, at most this many bytes.
  func read(atMost most: Int) -> [UInt8] {
    var taken: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4_096)
    while taken.count < most {
      let count = Glibc.read(master, &part, min(part.count, most - taken.count))
      guard count > 0 else { break }
      taken += part[..<count]
    }
    return taken
  }

  /// Stops the program in its tracks, and takes all that waits.
  func freeze() -> [UInt8] {
    kill(process, SIGSTOP)
    var status: Int32 = 0
    waitpid(process, &status, WUNTRACED)
    return read(atMost: .max)
  }
}
