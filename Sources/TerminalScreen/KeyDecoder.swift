internal import CNcurses
internal import CellGrid

/// Turns the input of curses into keys.
///
/// An unknown sequence is ignored as a whole, and so is a letter with Alt: on some terminals
/// Ctrl-Left ends in `D`, which would open a dialog. A paste becomes one key.
struct KeyDecoder: Equatable, Sendable {
  /// Whether actions of the mouse become keys; otherwise they are ignored.
  var usesMouse = false
  /// The text that is being pasted; nil: none.
  private var paste: PasteBuffer?
  /// When Esc came alone; monotonic milliseconds.
  private var escapedAt: Int64?

  /// How long the second character of a sequence may take, in milliseconds. After that time it was
  /// a key with Alt.
  private static let introDelay: Int32 = 25
  /// How long each further character may take, in milliseconds, so that the rest does not become
  /// letters on a slow line.
  private static let sequenceDelay: Int32 = 500
  /// How many milliseconds after its Esc a sequence may still come, when Esc was already taken as a
  /// key.
  private static let lateSequenceMilliseconds: Int64 = 200
  /// Ctrl-C.
  private static let quit = CursesInput.scalar(3)
  /// The most characters of a sequence that are kept; the rest is read and dropped.
  private static let mostParameters = 32

  init(usesMouse: Bool = false) { self.usesMouse = usesMouse }

  /// How a sequence ended.
  private enum Outcome {
    /// With a key; nil: it means no key.
    case key(Key?)
    /// Esc came in the middle, so another sequence has begun.
    case anotherBegins
    case pasteBegins
  }

  /// Appends the key, if the input is one.
  ///
  /// - Parameters:
  ///   - now: Monotonic milliseconds.
  ///   - more: The next input within this many milliseconds.
  mutating func decode(
    _ input: CursesInput, at now: Int64, more: (Int32) -> CursesInput?, into keys: inout [Key]
  ) {
    if let paste, paste.isAbandoned(at: now) || input == Self.quit && paste.pauses(at: now) {
      keys.append(.paste(paste.text))
      self.paste = nil
    }
    if paste?.consume(input, at: now) == true, let text = paste?.text {
      keys.append(.paste(text))
      paste = nil
      return
    }
    guard paste == nil else { return }
    let isLate = escapedAt.map { now - $0 <= Self.lateSequenceMilliseconds } ?? false
    escapedAt = nil
    switch input {
    case .code(let code): if let key = Self.codes[code] { keys.append(key) }
    case .scalar(0x1B): decodeEscape(at: now, more, into: &keys)
    case .scalar(let value):
      if isLate, Self.introducers.contains(value), let next = more(0) {
        finish(Self.outcome(value, first: next, usesMouse, more), at: now, more, into: &keys)
      } else if let key = Self.key(value) {
        keys.append(key)
      }
    }
  }

  /// Reads what follows Esc. Curses has waited for the rest already, so what follows at once
  /// belongs to it.
  private mutating func decodeEscape(
    at now: Int64, _ more: (Int32) -> CursesInput?, into keys: inout [Key]
  ) {
    var escapes = 1
    while true {
      switch more(0) {
      case nil:
        keys += [Key](repeating: .escape, count: escapes)
        escapedAt = now
        return
      case .scalar(0x1B): escapes += 1
      case .scalar(let value):
        let outcome = Self.outcome(value, first: nil, usesMouse, more)
        // A key with Alt is another key, which has no meaning here.
        if escapes > 1, case .key = outcome { return }
        return finish(outcome, at: now, more, into: &keys)
      case .code: return
      }
    }
  }

  private mutating func finish(
    _ outcome: Outcome, at now: Int64, _ more: (Int32) -> CursesInput?, into keys: inout [Key]
  ) {
    switch outcome {
    case .key(let key): if let key { keys.append(key) }
    case .anotherBegins: decodeEscape(at: now, more, into: &keys)
    case .pasteBegins: paste = PasteBuffer(at: now)
    }
  }
}

// MARK: - Sequences

extension KeyDecoder {
  /// `[` and `O`, which begin control sequences and keypad sequences.
  private static let introducers: Set<UInt32> = [0x5B, 0x4F]
  /// `P X ] ^ _`, which begin the texts that terminals send as answers.
  private static let textIntroducers: Set<UInt32> = [0x50, 0x58, 0x5D, 0x5E, 0x5F]

  /// Reads a sequence, beginning with the character after Esc.
  ///
  /// - Parameter first: The character after that one, if it was read already.
  private static func outcome(
    _ introducer: UInt32, first: CursesInput?, _ usesMouse: Bool,
    _ more: (Int32) -> CursesInput?
  ) -> Outcome {
    switch introducer {
    case 0x5B: return controlSequence(first: first, usesMouse, more)
    case 0x4F: return keypadSequence(first: first, more)
    case 0x20...0x2F:
      // A set of characters is selected: further signs, then a last one.
      while case .scalar(let value)? = more(0), (0x20...0x2F).contains(value) {}
      return .key(nil)
    case _ where textIntroducers.contains(introducer): return text(more)
    default: return .key(nil)
    }
  }

  /// A control sequence: parameters and a final character. Modifiers of keys are ignored.
  private static func controlSequence(
    first: CursesInput?, _ usesMouse: Bool, _ more: (Int32) -> CursesInput?
  ) -> Outcome {
    var parameters: [UInt8] = []
    var input = first ?? more(introDelay)
    while case .scalar(let value)? = input {
      switch value {
      case 0x20...0x3F: if parameters.count < mostParameters { parameters.append(UInt8(value)) }
      case 0x40...0x7E: return end(of: parameters, with: value, usesMouse, more)
      case 0x1B: return .anotherBegins
      default: return .key(nil)
      }
      input = more(sequenceDelay)
    }
    return .key(nil)
  }

  private static func end(
    of parameters: [UInt8], with final: UInt32, _ usesMouse: Bool,
    _ more: (Int32) -> CursesInput?
  ) -> Outcome {
    let isMouse = parameters.first == UInt8(ascii: "<")
    let numbers = parameters.drop { $0 == UInt8(ascii: "<") }
      .split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
    switch final {
    case UInt32(UInt8(ascii: "M")) where isMouse:
      return .key(usesMouse ? mouse(numbers) : nil)
    // An old form of mouse report: three characters follow that are not letters.
    case UInt32(UInt8(ascii: "M")) where parameters.isEmpty:
      for _ in 0..<3 where more(sequenceDelay) == nil { break }
      return .key(nil)
    // F1 to F5 of the Linux console.
    case UInt32(UInt8(ascii: "[")) where parameters.isEmpty:
      guard case .scalar(let value)? = more(sequenceDelay) else { return .key(nil) }
      return .key((0x41...0x45).contains(value) ? .function(Int(value) - 0x40) : nil)
    // An answer of the terminal begins with `<` to `?`, and is not a key.
    case _ where (0x3C...0x3F).contains(parameters.first ?? 0): return .key(nil)
    case UInt32(UInt8(ascii: "~")):
      return numbers.first == 200 ? .pasteBegins : .key(Self.numbers[numbers.first ?? 0])
    default: return .key(key(final, in: finals))
    }
  }

  /// A key of the keypad. With a modifier it is another key, which has no meaning here.
  private static func keypadSequence(
    first: CursesInput?, _ more: (Int32) -> CursesInput?
  ) -> Outcome {
    var isModified = false
    var input = first ?? more(introDelay)
    while case .scalar(let value)? = input {
      switch value {
      case 0x20...0x3F: isModified = true
      case 0x1B: return .anotherBegins
      default: return .key(isModified ? nil : key(value, in: keypad))
      }
      input = more(sequenceDelay)
    }
    return .key(nil)
  }

  /// A text up to its end, which is BEL or Esc and a backslash. Nobody has asked for it, so it is
  /// dropped.
  private static func text(_ more: (Int32) -> CursesInput?) -> Outcome {
    var input = more(introDelay)
    while let current = input {
      if case .scalar(let value) = current {
        if [0x07, 0x18, 0x1A, 0x9C].contains(value) { return .key(nil) }
        if value == 0x1B { return escape(inText: more) }
      }
      input = more(sequenceDelay)
    }
    return .key(nil)
  }

  /// Esc in a text: followed by a backslash it is the end, otherwise another sequence begins.
  private static func escape(inText more: (Int32) -> CursesInput?) -> Outcome {
    switch more(sequenceDelay) {
    case .scalar(UInt32(UInt8(ascii: "\\"))): .key(nil)
    case .scalar(let next) where next != 0x1B: outcome(next, first: nil, false, more)
    default: .anotherBegins
    }
  }
}

// MARK: - Keys

extension KeyDecoder {
  /// A report of the mouse: button, column and row, counted from 1. A place outside any screen
  /// means nothing.
  private static func mouse(_ numbers: [Int]) -> Key? {
    guard numbers.count == 3, numbers[1...].allSatisfy({ (1...32_767).contains($0) })
    else { return nil }
    // The keys that were held at the same time.
    let button = numbers[0] & ~0x1C
    let actions: [Int: Mouse.Action] = [0: .click, 64: .wheelUp, 65: .wheelDown]
    return actions[button].map { .mouse(Mouse($0, row: numbers[2] - 1, column: numbers[1] - 1)) }
  }

  private static func key(_ value: UInt32, in table: [Unicode.Scalar: Key]) -> Key? {
    UnicodeScalar(value).flatMap { table[$0] }
  }

  /// The key of a character; nil for a character without a meaning.
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

  /// Keys by the last character of a sequence.
  private static let finals: [Unicode.Scalar: Key] = [
    "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "Z": .backTab,
    "P": .function(1), "Q": .function(2), "R": .function(3), "S": .function(4),
  ]

  /// The same for the keypad, which has its own Enter.
  private static let keypad = finals.merging(["M": .enter]) { own, _ in own }

  /// Keys by the number before a tilde.
  private static let numbers: [Int: Key] = [
    1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5),
    17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10),
    23: .function(11), 24: .function(12),
  ]
}
