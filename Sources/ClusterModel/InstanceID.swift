/// The name of an instance, for instance `AOS01` or `01@HOST`.
///
/// 1 to 64 ASCII letters, digits, `.`, `_`, `-` and `@`, beginning with a letter or a digit. Such a
/// name needs no quoting in URLs, file names and commands.
public struct InstanceID: Hashable, Sendable {
  /// The id as it is written everywhere.
  public let text: String

  /// - Throws: `InvalidValue` naming the field `id`.
  public init(_ text: String) throws(InvalidValue) {
    guard (1...Limits.instanceIDBytes).contains(text.utf8.count) else {
      throw InvalidValue(
        field: "id", complaint: "must have 1 to \(Limits.instanceIDBytes) characters")
    }
    guard text.utf8.allSatisfy({ isLetterOrDigit($0) || "._-@".utf8.contains($0) }),
      text.utf8.first.map(isLetterOrDigit) == true
    else {
      throw InvalidValue(
        field: "id",
        complaint: "may hold letters, digits, '.', '_', '-' and '@', a letter or digit first")
    }
    self.text = text
  }
}

extension InstanceID: Comparable, CustomStringConvertible {
  public static func < (left: InstanceID, right: InstanceID) -> Bool { left.text < right.text }
  public var description: String { text }
}

extension InstanceID: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do { try self.init(text) } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.plainWords)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: false
  }
}
