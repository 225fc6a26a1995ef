/// The last message of the program, in the line above the keys.
struct Message: Equatable, Sendable {
  enum Tone {
    /// Nobody needs to read it: it disappears with the next key.
    case plain
    case good, bad

    var lifetimeMilliseconds: Int64 { self == .plain ? 5_000 : 30_000 }
  }

  /// How long messages stay that need no answer.
  static let passingMilliseconds: Int64 = 10_000

  var text: String
  var tone: Tone
  /// Monotonic milliseconds.
  var until: Int64
  /// Whether it is about a connection, and disappears with it.
  var isOfConnection = false
}
