internal import ClusterAPI
internal import ClusterModel
package import Hummingbird

/// The query of a request as names and values, each decoded once.
package struct QueryItems: Sendable {
  private struct Item {
    var name: String
    /// Nil where the name has no value: `?dryRun`.
    var value: String?
  }

  private let items: [Item]

  /// - Throws: `Problem`, `invalid-request`, for what cannot be decoded.
  package init(_ request: Request) throws {
    items = try (request.uri.query ?? "").split(separator: "&").map { part in
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = try sides.dropFirst().first.map(Self.decoded)
      return Item(name: try Self.decoded(sides[0]), value: value)
    }
  }

  private static func decoded(_ text: Substring) throws -> String {
    guard let decoded = PercentEncoding.decoded(text) else {
      throw Problem(.invalidRequest, "The query holds a bad percent escape.")
    }
    return decoded
  }

  /// - Throws: `Problem`, `invalid-request`, for a name that is not one of these, or occurs twice.
  func refuseUnknown(_ known: [String]) throws {
    let unknown = items.map(\.name).filter { !known.contains($0) }
    guard unknown.isEmpty else {
      throw RequestVocabulary.problem("parameter", unknown, known: known, elsewhere: [])
    }
    try refuseRepeated(known)
  }

  /// - Throws: `Problem`, `invalid-request`, where one of these occurs twice.
  func refuseRepeated(_ known: [String]) throws {
    for name in known where items.count(where: { $0.name == name }) > 1 {
      throw Problem(.invalidRequest, "The parameter \(name) is given twice.")
    }
  }

  /// The value of a parameter; nil where it is missing, "" where the name has no value.
  func text(_ name: String) -> String? {
    items.first { $0.name == name }.map { $0.value ?? "" }
  }

  /// True for `?name` and `?name=true`. An empty value is an error, since it comes from a script
  /// whose variable is not set.
  ///
  /// - Throws: `Problem`, `invalid-request`, for any other value.
  func flag(_ name: String) throws -> Bool {
    guard let item = items.first(where: { $0.name == name }) else { return false }
    switch item.value {
    case nil, "true": return true
    case "false": return false
    default: throw Problem(.invalidRequest, "\(name) must be true or false.")
    }
  }
}

extension Request {
  /// A query parameter; nil where it is missing.
  ///
  /// - Throws: `Problem`, `invalid-request`, for a query that cannot be decoded.
  package func text(_ name: String) throws -> String? { try QueryItems(self).text(name) }

  /// A query parameter that is a whole number.
  ///
  /// - Throws: `Problem`, `invalid-request`, where it is not a number or out of range.
  package func number(
    _ name: String, in range: ClosedRange<Int>, default standard: Int
  ) throws -> Int {
    guard let text = try self.text(name) else { return standard }
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
      range.contains(number)
    else {
      throw Problem(
        .invalidRequest, "\(name) must be \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// A query parameter that is `true` or `false`; a missing one means false.
  ///
  /// - Throws: `Problem`, `invalid-request`, for any other value.
  package func flag(_ name: String) throws -> Bool { try QueryItems(self).flag(name) }
}
