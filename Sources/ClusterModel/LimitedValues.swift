/// Decodes values from outside and checks their limits.
extension KeyedDecodingContainer {
  /// Reads an optional name.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeText(forKey key: Key, limit: Int = PlainText.longestName) throws -> String? {
    guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
    return try PlainText.checked(text, field: key.stringValue, limit: limit)
  }

  /// Reads an optional sentence.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeSentence(forKey key: Key) throws -> String? {
    guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
    return try PlainText.checkedSentence(text, field: key.stringValue)
  }

  /// Reads a text of another program that is only shown. The text is cleaned, and cut where it is
  /// too long.
  package func decodeCut(forKey key: Key, to limit: Int = PlainText.longestName) throws -> String? {
    try decodeIfPresent(String.self, forKey: key).map { PlainText.cut($0, to: limit) }
  }

  /// Reads an optional text that programs use.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeShort(forKey key: Key, bytes limit: Int) throws -> String? {
    guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
    guard text.utf8.count <= limit else {
      throw InvalidValue(field: key.stringValue, complaint: "is longer than \(limit) bytes")
    }
    return text
  }

  /// Reads a number that never falls: of an order, a change or an answer.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeRevision(forKey key: Key) throws -> Int64 {
    guard let number = try decodeNumber(forKey: key, in: 0...Int(Limits.revision)) else {
      throw InvalidValue(field: key.stringValue, complaint: "is missing")
    }
    return Int64(number)
  }

  /// Reads a rate or a workload, 0 to 1,000,000,000.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeRate(forKey key: Key) throws -> Double {
    try Self.checkedRate(try decode(Double.self, forKey: key), forKey: key)
  }

  /// Reads the same; nil where it is missing.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeRateIfPresent(forKey key: Key) throws -> Double? {
    try decodeIfPresent(Double.self, forKey: key).map { try Self.checkedRate($0, forKey: key) }
  }

  private static func checkedRate(_ rate: Double, forKey key: Key) throws -> Double {
    guard (0...Double(Limits.count)).contains(rate) else {
      throw InvalidValue(
        field: key.stringValue, complaint: "must be a number, 0 to \(Limits.count)")
    }
    return rate
  }

  /// Reads a count: 0 to 1,000,000,000, so that no sum of two counts overflows.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeCount(forKey key: Key) throws -> Int {
    guard let count = try decodeNumber(forKey: key, in: 0...Limits.count) else {
      throw InvalidValue(field: key.stringValue, complaint: "is missing")
    }
    return count
  }

  /// Reads an optional count.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeCountIfPresent(forKey key: Key) throws -> Int? {
    try decodeNumber(forKey: key, in: 0...Limits.count)
  }

  /// Reads an optional whole number.
  ///
  /// - Throws: `InvalidValue` naming the field.
  package func decodeNumber(forKey key: Key, in range: ClosedRange<Int>) throws -> Int? {
    let number: Int?
    do { number = try decodeIfPresent(Int.self, forKey: key) } catch {
      if error is DecodingError { throw error }
      // For 1.5, or a number of thirty digits, the decoder's own error does not name the field.
      number = range.upperBound + 1
    }
    guard number.map(range.contains) != false else {
      throw InvalidValue(
        field: key.stringValue,
        complaint: "must be a whole number, \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
