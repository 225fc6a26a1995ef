internal import Glibc

/// A terminal with nobody before it.
package final class PseudoTerminal {
  package static let columns = 120
  package static let rows = 40

  package let master: Int32
  /// What a program opens.
  package let path: String

  /// - Throws: `ProgramFailure`.
  package init(
    columns: Int = PseudoTerminal.columns, rows: Int = PseudoTerminal.rows
  ) throws {
    // posix_openpt and its like are not imported; this is what they do on Linux.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    var unlocked: Int32 = 0
    var number: Int32 = -1
    guard master >= 0, ioctl(master, 0x4004_5431, &unlocked) == 0,  // TIOCSPTLCK
      ioctl(master, 0x8004_5430, &number) == 0  // TIOCGPTN
    else { throw ProgramFailure("/dev/ptmx", errno) }
    path = "/dev/pts/\(number)"
    resize(columns: columns, rows: rows)
  }

  deinit { close(master) }

  package func resize(columns: Int, rows: Int) {
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// What a person types.
  package func type(_ text: String) { type(Array(text.utf8)) }

  package func type(_ bytes: [UInt8]) {
    _ = write(master, bytes, bytes.count)
  }

  /// What the program has written and nobody has read; empty where there is nothing.
  package func read(atMost most: Int = .max) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < most {
      let count = Glibc.read(master, &part, min(part.count, most - bytes.count))
      guard count > 0 else { break }
      bytes += part[..<count]
    }
    return bytes
  }
}
