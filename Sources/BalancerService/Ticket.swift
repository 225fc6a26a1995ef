internal import ServiceSupport
internal import Synchronization

/// 128 random bits in hexadecimal.
enum Ticket {
  private static let digits = Array("0123456789abcdef".utf8)

  static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return text(generator.next(), generator.next())
  }

  fileprivate static func text(_ first: UInt64, _ second: UInt64) -> String {
    String(unsafeUninitializedCapacity: 32) { text in
      for place in 0..<16 {
        let shift = UInt64(60 - place * 4)
        text[place] = digits[Int(first >> shift & 15)]
        text[place + 16] = digits[Int(second >> shift & 15)]
      }
      return 32
    }
  }
}

/// The tickets of one balancer process, which prove reservations. Each has 96 random bits after 32
/// bits by which other balancers recognise the process.
final class Tickets: Sendable {
  private let beginning: UInt64
  private let words = Mutex(RandomWords())

  init() { beginning = UInt64(UInt32.random(in: .min ... .max)) << 32 }

  /// The common beginning of all of them.
  var mark: String { String(Ticket.text(beginning, 0).prefix(8)) }

  func next() -> String {
    let (first, second) = words.withLock { ($0.next(), $0.next()) }
    return Ticket.text(beginning | first & 0xFFFF_FFFF, second)
  }
}
