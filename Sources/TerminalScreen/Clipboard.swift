internal import CellGrid

/// The request with which a terminal is asked to fill its clipboard (OSC 52), in the form that
/// gets through what lies between.
///
/// tmux takes the plain form. GNU screen passes on what stands in a device control string, and
/// keeps the plain form to itself. Each of the two drops the other's form without a trace, so
/// where both may be there both are sent.
struct Clipboard: Equatable, Sendable {
  static let variables = ["TERM", "TMUX", "STY"]

  /// Terminals that would print the request.
  private static let without = ["linux", "vt", "ansi", "cons", "dumb", "wsvt", "sun"]

  /// Bytes in one device control string. GNU screen cuts it off at 768, and its lines at less.
  private static let longestPart = 512

  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  let reach: ClipboardReach
  private let isPlain: Bool
  private let isWrapped: Bool

  /// - Parameter environment: The values of `variables`.
  init(_ environment: [String: String]) {
    let name = environment["TERM"] ?? ""
    let isTmux = environment["TMUX"] ?? "" != ""
    let isScreen = environment["STY"] ?? "" != ""
    guard Self.isTaken(by: name) else {
      (reach, isPlain, isWrapped) = (.none, false, false)
      return
    }
    // Over ssh neither variable comes along, and the name may be that of either; a terminal that
    // was opened from within one of them has its variable and is not within it.
    isWrapped = isScreen || name.hasPrefix("screen") && !isTmux
    isPlain = isTmux || !isScreen || !name.hasPrefix("screen")
    reach = isTmux ? .tmux : .terminal
  }

  private static func isTaken(by terminal: String) -> Bool {
    // `screen.linux` is GNU screen on the terminal that is named behind the dot.
    let outermost = terminal.split(separator: ".").last ?? ""
    return !outermost.isEmpty
      && !without.contains { outermost.hasPrefix($0) && !outermost.hasPrefix("vte") }
  }

  /// What is to be sent; empty where nobody takes it.
  func request(_ text: String) -> [UInt8] {
    guard reach != .none else { return [] }
    let plain = Array("\u{1B}]52;c;".utf8) + Self.base64(Array(text.utf8)) + [7]
    return (isPlain ? plain : []) + (isWrapped ? Self.wrapped(plain) : [])
  }

  /// In device control strings, as many as it takes; screen puts the pieces together again.
  private static func wrapped(_ bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: longestPart).flatMap { start in
      Array("\u{1B}P".utf8) + bytes[start..<min(start + longestPart, bytes.count)]
        + Array("\u{1B}\\".utf8)
    }
  }

  private static func base64(_ bytes: [UInt8]) -> [UInt8] {
    var encoded: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = 0
      for place in 0..<3 {
        bits = bits << 8 | (place < group.count ? Int(group[start + place]) : 0)
      }
      for place in 0..<4 {
        encoded.append(
          place <= group.count
            ? digits[bits >> (18 - 6 * place) & 0x3F] : UInt8(ascii: "="))
      }
    }
    return encoded
  }
}
