internal import CNcurses
internal import CellGrid

/// Makes keys of what curses reads.
///
/// A sequence that curses does not know never reaches the program as letters: Ctrl-Left of some
/// terminals ends in `D`, which would open a dialog.
struct KeyDecoder: Equatable, Sendable {
  /// What the mouse does is wanted; otherwise it is passed over.
  var usesMouse = false

  /// Longest escape sequence, in characters, that is read as one.
  private static let longestSequence = 32
  /// How long the rest of a sequence that has begun may take, in milliseconds.
  private static let sequenceDelay: Int32 = 25

  /// Appends the key, if the input is one.
  ///
  /// - Parameter more: The next input within so many milliseconds.
  func decode(
    _ input: CursesInput, more: (Int32) -> CursesInput?, into keys: inout [Key]
  ) {
    switch input {
    case .code(let code):
      if let key = Self.codes[code] { keys.append(key) }
    case .scalar(0x1B): decodeEscape(more: more, into: &keys)
    case .scalar(let value):
      if let key = Self.key(value) { keys.append(key) }
    }
  }

  private func decodeEscape(
    more: (Int32) -> CursesInput?, into keys: inout [Key]
  ) {
    // Curses has waited for the rest already, so what follows at once belongs to it.
    switch more(0) {
    case nil: keys.append(.escape)
    case .scalar(UInt32(UInt8(ascii: "["))):
      if let key = sequence(more) { keys.append(key) }
    case .scalar(UInt32(UInt8(ascii: "O"))):
      guard case .scalar(let value)? = more(0) else {
        keys += [.escape, .character("O")]
        return
      }
      if let key = Self.key(value, in: Self.keypad) { keys.append(key) }
    case .some(let input):
      keys.append(.escape)
      decode(input, more: more, into: &keys)
    }
  }

  /// The rest of a control sequence, parameters and a final character; modifiers of keys are
  /// passed over.
  private func sequence(_ more: (Int32) -> CursesInput?) -> Key? {
    var parameters: [UInt8] = []
    for _ in 0..<Self.longestSequence {
      guard case .scalar(let value)? = more(Self.sequenceDelay) else { return nil }
      if (0x20...0x3F).contains(value) {
        parameters.append(UInt8(value))
        continue
      }
      let isMouse = parameters.first == UInt8(ascii: "<")
      let numbers = parameters.drop { $0 == UInt8(ascii: "<") }
        .split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
      switch value {
      case UInt32(UInt8(ascii: "M")) where isMouse: return usesMouse ? Self.mouse(numbers) : nil
      // A mouse of the old kind: three characters follow that are no letters.
      case UInt32(UInt8(ascii: "M")) where parameters.isEmpty:
        for _ in 0..<3 where more(Self.sequenceDelay) == nil { break }
        return nil
      case _ where isMouse: return nil
      case UInt32(UInt8(ascii: "~")): return Self.numbers[numbers.first ?? 0]
      default: return Self.key(value, in: Self.finals)
      }
    }
    return nil
  }

  /// A report of the mouse: button, column and row, counted from 1.
  private static func mouse(_ numbers: [Int]) -> Key? {
    guard numbers.count == 3 else { return nil }
    // The keys that were held with it.
    let button = numbers[0] & ~0x1C
    let actions: [Int: Mouse.Action] = [0: .click, 64: .wheelUp, 65: .wheelDown]
    return actions[button].map { .mouse(Mouse($0, row: numbers[2] - 1, column: numbers[1] - 1)) }
  }

  private static func key(_ value: UInt32, in table: [Unicode.Scalar: Key]) -> Key? {
    UnicodeScalar(value).flatMap { table[$0] }
  }

  /// The key of a character, nil for those that mean nothing.
  private static func key(_ value: UInt32) -> Key? {
    switch value {
    case 0x08, 0x7F: return .backspace
    case 0x09: return .tab
    case 0x0A, 0x0D: return .enter
    case 0x01...0x1A:
      return .control(Character(UnicodeScalar(UInt8(value) + 0x60)))
    case 0x00...0x1F, 0x80...0x9F: return nil
    default: return UnicodeScalar(value).map { .character(Character($0)) }
    }
  }

  private static let codes: [Int32: Key] = {
    var codes: [Int32: Key] = [
      KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right,
      KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown, KEY_A3: .pageUp, KEY_C3: .pageDown,
      KEY_HOME: .home, KEY_END: .end, KEY_A1: .home, KEY_C1: .end, KEY_FIND: .home,
      KEY_SELECT: .end, KEY_BTAB: .backTab, KEY_ENTER: .enter, KEY_BACKSPACE: .backspace,
      KEY_DC: .delete, KEY_IC: .insert,
    ]
    for number in 1...12 { codes[cncurses_function_key(Int32(number))] = .function(number) }
    return codes
  }()

  /// By the last character of a sequence.
  private static let finals: [Unicode.Scalar: Key] = [
    "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "Z": .backTab,
    "P": .function(1), "Q": .function(2), "R": .function(3), "S": .function(4),
  ]

  /// The same of the keypad, which has an Enter of its own.
  private static let keypad = finals.merging(["M": .enter]) { own, _ in own }

  /// By the number before a tilde.
  private static let numbers: [Int: Key] = [
    1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5),
    17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10),
    23: .function(11), 24: .function(12),
  ]
}
