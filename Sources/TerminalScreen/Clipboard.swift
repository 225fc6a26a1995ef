internal import CellGrid

/// The request that makes a terminal fill its clipboard (OSC 52), in a form that gets through tmux
/// and screen.
///
/// tmux accepts the plain form. GNU screen forwards the contents of a device control string and
/// does not forward the plain form. Each of the two drops the other's form without a trace, so
/// where both may be in between, both forms are sent.
struct Clipboard: Equatable, Sendable {
  static let variables = ["TERM", "TMUX", "STY"]

  /// Terminals that would print the request.
  private static let without = ["linux", "vt", "ansi", "cons", "dumb", "wsvt", "sun"]

  /// The most bytes in one device control string. GNU screen cuts it off at 768, and its lines at
  /// less.
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
    // Over ssh neither variable is passed on, and both programs use this name. A terminal that was
    // opened from inside one of them has its variable, too, but is not inside it.
    isWrapped = isScreen || name.hasPrefix("screen") && !isTmux
    isPlain = isTmux || !isScreen || !name.hasPrefix("screen")
    reach = isTmux ? .tmux : .terminal
  }

  private static func isTaken(by terminal: String) -> Bool {
    // `screen.linux` is GNU screen on the terminal whose name follows the dot.
    let outermost = terminal.split(separator: ".").last ?? ""
    return !outermost.isEmpty
      && !without.contains { outermost.hasPrefix($0) && !outermost.hasPrefix("vte") }
  }

  /// The bytes to send; empty where nobody would accept them.
  func request(_ text: String) -> [UInt8] {
    guard reach != .none else { return [] }
    let plain = Array("\u{1B}]52;c;".utf8) + Self.base64(Array(text.utf8)) + [7]
    return (isPlain ? plain : []) + (isWrapped ? Self.wrapped(plain) : [])
  }

  /// The bytes in as many device control strings as they need; screen joins the pieces.
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
