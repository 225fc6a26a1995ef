import Foundation
import Testing

/// A pseudo-terminal that takes the place of the standard descriptors of this process. For exit
/// tests alone: the process is theirs.
final class Terminal {
  let master: Int32
  let slave: Int32

  init(type: String, rows: UInt16 = 5, columns: UInt16 = 20) throws {
    setenv("TERM", type, 1)
    setenv("LC_ALL", "C.UTF-8", 1)
    setenv("ESCDELAY", "100", 1)
    // As some shells export them; the terminal's own size counts.
    setenv("LINES", "7", 1)
    setenv("COLUMNS", "70", 1)
    // posix_openpt and its like are not imported; this is what they do on Linux.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var unlocked: Int32 = 0
    var number: Int32 = -1
    try #require(ioctl(master, 0x4004_5431, &unlocked) == 0)  // TIOCSPTLCK
    try #require(ioctl(master, 0x8004_5430, &number) == 0)  // TIOCGPTN
    slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    resize(rows: rows, columns: columns)
    dup2(slave, STDIN_FILENO)
    dup2(slave, STDOUT_FILENO)
  }

  func resize(rows: UInt16, columns: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// What a person types.
  func type(_ text: String) { type(Array(text.utf8)) }

  func type(_ bytes: [UInt8]) {
    _ = write(master, bytes, bytes.count)
  }

  /// Everything that the program has written since the last call.
  func output() -> String {
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    var output: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(master, &part, part.count)
      guard count > 0 else { break }
      output += part[..<count]
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Lines are edited, characters echoed, Ctrl-C is a signal: as a shell needs it.
  var isCooked: Bool {
    var modes = termios()
    tcgetattr(slave, &modes)
    let wanted = tcflag_t(ICANON | ECHO | ISIG)
    return modes.c_lflag & wanted == wanted
  }
}
