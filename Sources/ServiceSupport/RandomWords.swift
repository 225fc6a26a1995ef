internal import Glibc

/// Random bits of the system. It fetches as many as the system gives at one time: a system call
/// takes a handshake as long as finding its server.
package struct RandomWords: Sendable {
  private static let most = 256 / MemoryLayout<UInt64>.size

  private var words: [UInt64] = []

  package init() {}

  /// 64 random bits.
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
