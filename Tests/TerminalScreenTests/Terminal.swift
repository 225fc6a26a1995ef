import Foundation
import RealPrograms
import Testing

/// A pseudo-terminal that takes the place of the standard descriptors of this process. For exit
/// tests alone: the process is theirs.
final class Terminal {
  private let line: PseudoTerminal
  let slave: Int32
  var master: Int32 { line.master }

  init(type: String, rows: Int = 5, columns: Int = 20) throws {
    setenv("TERM", type, 1)
    setenv("LC_ALL", "C.UTF-8", 1)
    setenv("ESCDELAY", "100", 1)
    // As some shells export them; the terminal's own size counts.
    setenv("LINES", "7", 1)
    setenv("COLUMNS", "70", 1)
    line = try PseudoTerminal(columns: columns, rows: rows)
    // It lives as long as the process, even where no test refers to it.
    _ = Unmanaged.passRetained(line)
    slave = open(line.path, O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    dup2(slave, STDIN_FILENO)
    dup2(slave, STDOUT_FILENO)
  }

  func resize(rows: Int, columns: Int) { line.resize(columns: columns, rows: rows) }

  /// What a person types.
  func type(_ text: String) { line.type(text) }

  func type(_ bytes: [UInt8]) { line.type(bytes) }

  /// Everything that the program has written since the last call.
  func output() -> String { String(decoding: line.read(), as: UTF8.self) }

  /// Lines are edited, characters echoed, Ctrl-C is a signal: as a shell needs it.
  var isCooked: Bool {
    var modes = termios()
    tcgetattr(slave, &modes)
    let wanted = tcflag_t(ICANON | ECHO | ISIG)
    return modes.c_lflag & wanted == wanted
  }
}
