internal import CNcurses
internal import Glibc

/// One thing that curses read.
enum CursesInput: Equatable, Sendable {
  /// A character as the terminal sent it, control characters included.
  case scalar(UInt32)
  /// A number that stands for a key (`KEY_UP`).
  case code(Int32)

  /// What is there already, or nil.
  static func next() -> CursesInput? {
    var value: wint_t = 0
    return switch cncurses_key(&value) {
    case ERR: nil
    case KEY_CODE_YES: .code(Int32(bitPattern: value))
    default: .scalar(value)
    }
  }

  /// What comes within this many milliseconds, or nil.
  static func next(within milliseconds: Int32) -> CursesInput? {
    if let input = next() { return input }
    var wanted = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, milliseconds) > 0 ? next() : nil
  }
}
