/// Whole numbers written one after the other, small ones in one byte: seven bits in each byte, the
/// highest bit set where more follow.
struct PackedNumbers: Equatable, Sendable {
  private(set) var bytes: [UInt8] = []

  /// - Parameter number: Negative ones are kept as 0: there are none among counts.
  mutating func append(_ number: Int) {
    var rest = UInt64(max(0, number))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Gives back what the array holds in reserve.
  mutating func trim() {
    let exact = bytes
    bytes = Array(unsafeUninitializedCapacity: exact.count) { space, count in
      count = space.update(fromContentsOf: exact)
    }
  }

  var reader: Reader { Reader(rest: bytes[...]) }

  struct Reader {
    fileprivate var rest: ArraySlice<UInt8>

    /// The next number; nil at the end.
    mutating func next() -> Int? {
      var (number, shift) = (UInt64(0), UInt64(0))
      while let byte = rest.popFirst(), shift < 63 {
        number |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return Int(truncatingIfNeeded: number & UInt64(Int64.max)) }
        shift += 7
      }
      return nil
    }
  }
}
