public import ClusterModel
internal import FoundationEssentials

/// Writes and reads JSON in the form of the wire.
public enum WireJSON {
  /// Writes JSON with sorted keys and plain slashes: the same value always gives the same bytes.
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }

  /// Reads a value.
  ///
  /// - Parameter context: What the type needs to know besides the text.
  /// - Throws: `InvalidValue` naming the field that is missing, wrong or of the wrong type.
  public static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: some Sequence<UInt8>,
    knowing context: [CodingUserInfoKey: any Sendable] = [:]
  ) throws(InvalidValue) -> Value {
    do {
      let decoder = JSONDecoder()
      decoder.userInfo = context
      return try decoder.decode(type, from: Data(bytes))
    } catch let invalid as InvalidValue {
      throw invalid
    } catch let error as DecodingError {
      throw InvalidValue(error)
    } catch {
      throw InvalidValue(field: "body", complaint: "is not valid JSON")
    }
  }
}

extension InvalidValue {
  /// The place and the reason of a decoding error. The decoder's own words are left out where they
  /// would repeat what was sent.
  fileprivate init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(field: Self.place(context.codingPath + [key]), complaint: "is missing")
    case .valueNotFound(_, let context):
      self.init(field: Self.place(context.codingPath), complaint: "must not be null")
    case .typeMismatch(let type, let context):
      self.init(
        field: Self.place(context.codingPath), complaint: "must be \(Self.name(of: type))")
    case .dataCorrupted(let context):
      self.init(
        field: Self.place(context.codingPath),
        complaint: context.codingPath.isEmpty
          ? "is not valid JSON" : Self.complaint(context.debugDescription))
    @unknown default:
      self.init(field: "body", complaint: "is not valid JSON")
    }
  }

  /// The complaint of a decoder. Those of the standard library name types, which do not help the
  /// writer of the document; those of this project are in plain words.
  private static func complaint(_ words: String) -> String {
    if words.hasPrefix("Cannot initialize ") { return "has a value that is not known" }
    let numbers = ["not representable", "does not fit", "Parsed JSON number"]
    if numbers.contains(where: words.contains) { return "is a number out of range" }
    return "is refused: \(PlainText.cut(words, to: Limits.quotedCharacters))"
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "body" }
    let text = path.reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
    return PlainText.cleaned(String(text.prefix(80)))
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is Int.Type, is Int64.Type: "a whole number"
    case is Double.Type: "a number"
    case is [String: Any].Type: "an object"
    case is [Any].Type: "a list"
    default: "of another type"
    }
  }
}
