/// The order of ids as people count: `AOS2` before `AOS10`.
package enum NaturalOrder {
  /// Whether `left` comes before `right`. Case matters only between otherwise equal ids, so that
  /// the order is total.
  package static func precedes(_ left: String, _ right: String) -> Bool {
    var (a, b) = (Substring(left).utf8, Substring(right).utf8)
    while let first = a.first, let second = b.first {
      if isDigit(first), isDigit(second) {
        let (x, y) = (number(&a), number(&b))
        if x.count != y.count { return x.count < y.count }
        if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
        continue
      }
      let (x, y) = (lowered(first), lowered(second))
      if x != y { return x < y }
      a.removeFirst()
      b.removeFirst()
    }
    if a.isEmpty != b.isEmpty { return a.isEmpty }
    return left < right
  }

  /// Removes the leading digits and returns them without leading zeros.
  private static func number(_ text: inout Substring.UTF8View) -> Substring.UTF8View {
    let digits = text.prefix(while: isDigit)
    text = text.dropFirst(digits.count)
    return digits.drop { $0 == UInt8(ascii: "0") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
  }
}
