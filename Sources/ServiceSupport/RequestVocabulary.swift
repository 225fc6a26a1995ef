internal import ClusterAPI
internal import ClusterModel
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// What a route accepts in a request. The route is registered with it, requests are checked against
/// it, and the tests compare it with the document.
package struct RequestVocabulary: Hashable, Sendable {
  package enum Body: Hashable, Sendable {
    /// The route has no body, or reads it leniently, so that releases can differ.
    case lenient
    /// JSON with exactly these fields, nested ones as `outer.inner`. Without any field the body may
    /// be left out.
    case strict([String])
  }

  /// The names of the query parameters.
  package let parameters: [String]
  package let body: Body

  package init(parameters: [String], body: Body) {
    self.parameters = parameters
    self.body = body
  }

  /// No query, and a body that is read leniently or not at all.
  package static let plain = RequestVocabulary(parameters: [], body: .lenient)

  /// For a route that only reads: these query parameters, and any others are ignored.
  package static func reading(_ parameters: String...) -> RequestVocabulary {
    RequestVocabulary(parameters: parameters, body: .lenient)
  }

  /// For a change by an operator without a body.
  package static func operators(_ parameters: String...) -> RequestVocabulary {
    RequestVocabulary(parameters: parameters, body: .strict([]))
  }

  /// For a change by an operator with a body.
  ///
  /// - Parameter fields: The fields of the body, as its type names them.
  package static func operators(
    fields: [String], _ parameters: String...
  ) -> RequestVocabulary {
    RequestVocabulary(parameters: parameters, body: .strict(fields))
  }
}

extension RequestVocabulary {
  /// The header that makes a repeat harmless. A header with nearly this name is a mistake.
  package static let keyHeader = "Idempotency-Key"
  /// A header in which more letters differ is a different one.
  private static let nearLetters = 2
  /// The most names in an error.
  private static let mostNamed = 5

  /// Checks a request against what the route accepts.
  ///
  /// - Returns: The request; if its body was checked, with the checked bytes.
  /// - Throws: `Problem`, `invalid-request` naming what is unknown, or `too-large`.
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
    // A known field that has an object instead of its value.
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

  /// Names what is unknown, with a suggestion.
  ///
  /// - Parameter elsewhere: The names that are allowed in the other part of a request.
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
  /// Whether this is white space in JSON.
  fileprivate var isSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
