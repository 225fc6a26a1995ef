internal import ClusterAPI
internal import ClusterModel
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// What a route knows of a request. The route is registered with it, requests are held against
/// it, and the tests compare it with the document.
package struct RequestVocabulary: Hashable, Sendable {
  package enum Body: Hashable, Sendable {
    /// The route has none, or reads it leniently, so that releases can differ.
    case lenient
    /// JSON with these fields and no others, nested ones as `outer.inner`. Without any field, the
    /// body may be left out.
    case strict([String])
  }

  /// Names of the query parameters.
  package let parameters: [String]
  package let body: Body

  package init(parameters: [String], body: Body) {
    self.parameters = parameters
    self.body = body
  }

  /// No query, and a body that is read leniently or not at all.
  package static let plain = RequestVocabulary(parameters: [], body: .lenient)

  /// Reads alone: these query parameters, and whatever else somebody sends.
  package static func reading(_ parameters: String...) -> RequestVocabulary {
    RequestVocabulary(parameters: parameters, body: .lenient)
  }

  /// A change by an operator that says all in its path and query.
  package static func operators(_ parameters: String...) -> RequestVocabulary {
    RequestVocabulary(parameters: parameters, body: .strict([]))
  }

  /// A change by an operator with a body.
  ///
  /// - Parameter fields: Those of the body, as its type names them.
  package static func operators(
    fields: [String], _ parameters: String...
  ) -> RequestVocabulary {
    RequestVocabulary(parameters: parameters, body: .strict(fields))
  }
}

extension RequestVocabulary {
  /// The header that makes a repeat harmless: one that is nearly called so is a mistake.
  package static let keyHeader = "Idempotency-Key"
  /// This many letters may differ before a header is a different one.
  private static let nearLetters = 2
  /// An error names no more than this many.
  private static let mostNamed = 5

  /// Holds a request against what the route knows.
  ///
  /// - Returns: The request; where its body was checked, with the bytes that were checked.
  /// - Throws: `Problem`, `invalid-request` naming what is not known, or `too-large`.
  func checked(_ request: Request) async throws -> Request {
    let query = try QueryItems(request)
    guard request.method != .get, request.method != .head else {
      try query.refuseRepeated(parameters)
      return request
    }
    try query.refuseUnknown(parameters)
    guard case .strict(let fields) = body else { return request }
    try Self.checkHeaders(request)
    var request = request
    let bytes = try await request.bytes()
    if !fields.isEmpty { try request.requireJSON() }
    if !fields.isEmpty || bytes.contains(where: { !$0.isSpace }) { try check(bytes, fields) }
    request.body = RequestBody(buffer: ByteBuffer(bytes: bytes))
    return request
  }

  private static func checkHeaders(_ request: Request) throws {
    var count = 0
    for field in request.headers {
      let name = field.name.rawName
      let letters = name.lowercased().filter(\.isLetter)
      if letters.contains("dryrun") {
        throw Problem(
          .invalidRequest,
          "unknown header \(OpenName.shown(name)); a dry run is the query parameter dryRun")
      }
      let distance = Spelling.distance(name, keyHeader)
      if distance == 0 { count += 1 }
      if let distance, (1...nearLetters).contains(distance) {
        throw Problem(
          .invalidRequest,
          "unknown header \(OpenName.shown(name)); did you mean \(keyHeader)?")
      }
    }
    guard count <= 1 else {
      throw Problem(.invalidRequest, "The header \(keyHeader) is given twice.")
    }
  }

  private func check(_ bytes: [UInt8], _ fields: [String]) throws {
    guard !bytes.isEmpty else { throw Problem(.invalidRequest, "The body is empty.") }
    let names: [String]
    do {
      names = try StrictJSON(bytes).names
      guard bytes.first(where: { !$0.isSpace }) == UInt8(ascii: "{") else {
        throw InvalidValue(field: "body", complaint: "is not an object")
      }
    } catch {
      throw Problem(.invalidRequest, "The body is refused: \(error.plainWords).")
    }
    let unknown = names.filter { !fields.contains($0) }
    // A field that is known, with an object in the place of its value.
    let isFlat = { (field: String) in !fields.contains { $0.hasPrefix(field + ".") } }
    if let field = fields.first(where: { field in
      isFlat(field) && unknown.contains { $0.hasPrefix(field + ".") }
    }) {
      throw Problem(.invalidRequest, "The body is refused: \(field) takes no object.")
    }
    guard unknown.isEmpty else {
      throw Self.problem("field", unknown, known: fields, elsewhere: parameters)
    }
  }

  /// Names what is not known, with what may have been meant.
  ///
  /// - Parameter elsewhere: Names of the other place where a request can say something.
  static func problem(
    _ kind: String, _ unknown: [String], known: [String], elsewhere: [String]
  ) -> Problem {
    let other = kind == "field" ? "query parameter" : "field of the body"
    let named = unknown.prefix(mostNamed).map { name in
      let words = "unknown \(kind) \(OpenName.shown(name))"
      let suggestion = Spelling.suggestion(for: name, among: known)
      if suggestion.isEmpty, let found = Spelling.nearest(to: name, among: elsewhere) {
        return "\(words); \(found) is a \(other) here"
      }
      return words + suggestion
    }
    let rest = unknown.count - named.count
    return Problem(
      .invalidRequest,
      named.joined(separator: ", ") + (rest > 0 ? ", and \(rest) more" : ""))
  }
}

extension UInt8 {
  /// White space as JSON has it.
  fileprivate var isSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
