internal import CNcurses
internal import Glibc

/// One input of curses.
enum CursesInput: Equatable, Sendable {
  /// A character as the terminal sent it, including control characters.
  case scalar(UInt32)
  /// The number of a key (`KEY_UP`).
  case code(Int32)
}

/// Builds characters from the bytes that curses reads.
///
/// Curses could do so itself (`wget_wch`). But after a byte that is not text, it takes up to 144
/// bytes as the rest of that character and drops them: keys, and the mark at the end of a paste.
struct CursesReader {
  private var state = mbstate_t()
  /// A byte that did not continue the character before it.
  private var unread: Int32?

  /// Stands for bytes that are not text.
  private static let noText: UInt32 = 0xFFFD
  /// Results of `mbrtowc`: the bytes are not text, or they are the beginning of a character.
  private static let (wrong, unfinished) = (-1, -2)

  /// The next input that has arrived already, or nil. The rest of a character may come later.
  mutating func next() -> CursesInput? {
    while true {
      let key = unread.take() ?? cncurses_byte()
      guard key != ERR else { return nil }
      guard let byte = UInt8(exactly: key) else {
        state = mbstate_t()
        return .code(key)
      }
      var sent = CChar(bitPattern: byte)
      var wide: wchar_t = 0
      let isInside = mbsinit(&state) == 0
      switch Int(mbrtowc(&wide, &sent, 1, &state)) {
      case Self.unfinished: continue
      case Self.wrong:
        state = mbstate_t()
        if isInside { unread = key }
        return .scalar(Self.noText)
      default: return .scalar(UInt32(bitPattern: wide))
      }
    }
  }

  /// The next input within this many milliseconds, or nil.
  mutating func next(within milliseconds: Int32) -> CursesInput? {
    if let input = next() { return input }
    var wanted = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, milliseconds) > 0 ? next() : nil
  }
}
