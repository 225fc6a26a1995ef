internal import Glibc

/// A terminal of 120 columns and 40 rows, and nobody before it.
package final class PseudoTerminal {
  package static let columns = 120
  package static let rows = 40

  package let master: Int32
  /// What a program opens.
  package let path: String

  /// - Throws: `ProgramFailure`.
  package init() throws {
    // posix_openpt and its like are not imported; this is what they do on Linux.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    var unlocked: Int32 = 0
    var number: Int32 = -1
    guard master >= 0, ioctl(master, 0x4004_5431, &unlocked) == 0,  // TIOCSPTLCK
      ioctl(master, 0x8004_5430, &number) == 0  // TIOCGPTN
    else { throw ProgramFailure("/dev/ptmx", errno) }
    path = "/dev/pts/\(number)"
    var size = winsize(
      ws_row: UInt16(Self.rows), ws_col: UInt16(Self.columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  deinit { close(master) }

  package func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// What the program has written and nobody has read; empty where there is nothing.
  package func read() -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(master, &part, part.count)
      guard count > 0 else { return bytes }
      bytes += part[..<count]
    }
  }
}
