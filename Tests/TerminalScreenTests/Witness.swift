import Foundation
import Testing

/// Another process that looks at the terminal when this one is dead, and writes to standard
/// error what it finds: the modes as `stty` names them, then everything the terminal was sent.
enum Witness {
  /// Call it before the screen is opened, since that holds standard error back.
  static func start(_ terminal: Terminal) throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    // Beyond the numbers in use, so that none overwrites another.
    for (place, descriptor) in [ends[0], terminal.master, terminal.slave].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, 60 + Int32(place))
    }
    for descriptor in [ends[0], terminal.master, terminal.slave] {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    // The first read ends when the other end of the pipe is closed by death.
    let script = """
      exec 3<&60 4<&61 5<&62 60<&- 61<&- 62<&-
      read x <&3; stty -a <&5; exec 5<&-; cat <&4 2>/dev/null
      """
    let words: [UnsafeMutablePointer<CChar>?] = [strdup("bash"), strdup("-c"), strdup(script), nil]
    var child = pid_t()
    try #require(posix_spawnp(&child, "bash", &actions, nil, words, environ) == 0)
    close(ends[0])
  }

  /// The witness saw a terminal as a shell needs it, on its main screen.
  static func sawOrder(_ output: String) -> Bool {
    let modes = output.split(whereSeparator: \.isWhitespace)
    return modes.contains("icanon") && modes.contains("echo") && modes.contains("isig")
      && output.contains("\u{1B}[?1049l") && output.contains("\u{1B}[?25h")
      && output.contains("\u{1B}[?2004l")
  }
}
