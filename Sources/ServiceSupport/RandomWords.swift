internal import Glibc

/// Random bits of the system, fetched as many at a time as it gives at once: every call of the
/// kernel costs a handshake as much as finding its server.
package struct RandomWords: Sendable {
  private static let most = 256 / MemoryLayout<UInt64>.size

  private var words: [UInt64] = []

  package init() {}

  /// 64 of them.
  package mutating func next() -> UInt64 {
    if words.isEmpty { fill() }
    return words.removeLast()
  }

  private mutating func fill() {
    words = [UInt64](repeating: 0, count: Self.most)
    let isFilled = words.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) == 0 }
    guard !isFilled else { return }
    var generator = SystemRandomNumberGenerator()
    for place in words.indices { words[place] = generator.next() }
  }
}
