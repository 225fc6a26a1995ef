/// What the program last said, in the line above the keys.
struct Message: Equatable, Sendable {
  enum Tone {
    /// Nothing that anybody needs to read: it goes with the next key.
    case plain
    case good, bad

    var lifetimeMilliseconds: Int64 { self == .plain ? 5_000 : 30_000 }
  }

  /// For which news that want no answer stay.
  static let passingMilliseconds: Int64 = 10_000

  var text: String
  var tone: Tone
  /// Monotonic milliseconds.
  var until: Int64
  /// It tells of a connection, and goes with it.
  var isOfConnection = false
}
