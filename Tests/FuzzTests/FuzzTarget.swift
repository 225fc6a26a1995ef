import ClusterAPI
import ClusterModel

/// A parser of outside input, inputs that it takes, and what it promises.
struct FuzzTarget: Sendable {
  let name: String
  let corpus: [[UInt8]]
  /// Takes one input.
  ///
  /// - Returns: Whether it was accepted.
  /// - Throws: `BrokenPromise`.
  let read: @Sendable ([UInt8]) async throws -> Bool

  /// Every parser.
  static func all() async throws -> [FuzzTarget] {
    try bodies() + texts() + streams() + terminals() + files() + (await documents())
  }
}

/// An input after which a promise does not hold.
struct BrokenPromise: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// - Throws: `BrokenPromise` where it does not hold.
func promise(_ holds: Bool, _ words: @autoclosure () -> String) throws {
  guard holds else { throw BrokenPromise(words()) }
}

/// What every refusal promises: it names the place, and nothing in it moves a cursor.
func checkWords(_ words: String, longest: Int = 1_000) throws {
  try promise(!words.isEmpty, "the refusal has no words")
  try promise(words.count <= longest, "the refusal is longer than \(longest) characters")
  try promise(
    !words.unicodeScalars.contains(where: PlainText.isForbidden),
    "the refusal holds a control character: \(Array(words.utf8))")
}

extension FuzzTarget {
  /// A JSON body: what is accepted is written and read again as the same.
  static func body<Body: Codable & Equatable & Sendable>(
    _ name: String, _ values: [Body], _ more: [String] = [],
    check: @escaping @Sendable (Body) throws -> Void = { _ in },
    read: @escaping @Sendable ([UInt8]) throws(InvalidValue) -> Body = {
      bytes throws(InvalidValue) in try WireJSON.decode(Body.self, from: bytes)
    }
  ) throws -> FuzzTarget {
    let corpus = try values.map { try WireJSON.encode($0) } + more.map { Array($0.utf8) }
    return FuzzTarget(name: name, corpus: corpus) { bytes in
      let body: Body
      do throws(InvalidValue) {
        body = try read(bytes)
      } catch {
        try promise(!error.field.isEmpty, "the refusal names no field")
        try checkWords(error.description)
        return false
      }
      let written = try WireJSON.encode(body)
      let again: Body
      do { again = try read(written) } catch {
        throw BrokenPromise("what it wrote is refused: \(error)")
      }
      try promise(again == body, "written and read again it is another")
      try promise(try WireJSON.encode(again) == written, "written twice it has other bytes")
      try check(body)
      return true
    }
  }

  /// A text: what is accepted is written and read again as the same.
  static func text<Value: Equatable & CustomStringConvertible & Sendable>(
    _ name: String, _ corpus: [String], _ read: @escaping @Sendable (String) throws -> Value?
  ) -> FuzzTarget {
    FuzzTarget(name: name, corpus: corpus.map { Array($0.utf8) }) { bytes in
      let value: Value
      do {
        guard let read = try read(String(decoding: bytes, as: UTF8.self)) else { return false }
        value = read
      } catch let error as InvalidValue {
        try checkWords(error.description)
        return false
      }
      let again = try? read(value.description)
      try promise(again == value, "\(value) is read again as another")
      return true
    }
  }
}
