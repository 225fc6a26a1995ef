package import ClusterAPI
internal import ClusterModel
package import Hummingbird
package import NIOCore

extension Request {
  /// The longest body of any route, in bytes. The longest honest one is a drain of 10,000 ids of 64
  /// characters.
  package static let longestBody = 1 << 20

  /// Reads a JSON body.
  ///
  /// - Throws: `Problem`, `too-large` or `invalid-request` with the field's name.
  package func json<Body: Decodable>(
    _ type: Body.Type = Body.self, limit: Int = longestBody
  ) async throws -> Body {
    try await json(limit: limit) { bytes in
      try WireJSON.decode(type, from: bytes)
    }
  }

  private func json<Body>(
    limit: Int, _ read: ([UInt8]) throws -> Body
  ) async throws -> Body {
    let bytes = try await bytes(limit: limit)
    guard !bytes.isEmpty else { throw Problem(.invalidRequest, "The body is empty.") }
    do {
      return try read(bytes)
    } catch let error as InvalidValue {
      throw Problem(.invalidRequest, "The body is refused: \(error.plainWords).")
    }
  }

  /// Reads the JSON body of a change. The content type keeps out simple requests of a browser;
  /// `Origin` keeps out all others, as on every route that does more than answer a question.
  ///
  /// - Throws: `Problem`, `too-large` or `invalid-request`.
  package func mutation<Body: Decodable>(
    _ type: Body.Type = Body.self, limit: Int = longestBody
  ) async throws -> Body {
    try await mutation(limit: limit) { bytes in
      try WireJSON.decode(type, from: bytes)
    }
  }

  /// The same for a body whose form depends on the path.
  package func mutation<Body>(
    limit: Int = longestBody, reading read: ([UInt8]) throws -> Body
  ) async throws -> Body {
    try requireJSON()
    return try await json(limit: limit, read)
  }

  /// - Throws: `Problem`, `invalid-request`, for a body of another type.
  func requireJSON() throws {
    guard let content = headers[.contentType], content.isJSON else {
      throw Problem(.invalidRequest, "The Content-Type must be application/json.")
    }
  }

  /// - Throws: `Problem`, `forbidden`, for a request of a web page.
  package func refuseBrowsers() throws {
    guard headers[.origin] == nil else {
      throw Problem(
        .forbidden, "Web pages may only read: a request with the header Origin is refused.")
    }
  }

  /// The bytes of the body.
  ///
  /// - Throws: `Problem`, `too-large`, or `invalid-request` where the body never ends, is garbled,
  ///   or is declared to be in another encoding than UTF-8.
  package func bytes(limit: Int = longestBody) async throws -> [UInt8] {
    if let charset = headers[.contentType]?.charset, charset != "utf-8", charset != "utf8" {
      throw Problem(
        .invalidRequest, "The body must be in UTF-8; its Content-Type names another charset.")
    }
    let tooLong = Problem(.tooLarge, "The body is longer than \(limit) bytes.")
    let length = headers[.contentLength].flatMap(Int.init)
    if let length, length > limit { throw tooLong }
    var bytes: [UInt8] = []
    // A buffer that grows by doubling would be up to three times as long for a while.
    if let length { bytes.reserveCapacity(max(0, length)) }
    var parts = body.makeAsyncIterator()
    while let part = try await next(&parts) {
      guard bytes.count + part.readableBytes <= limit else { throw tooLong }
      bytes += part.readableBytesView
    }
    return bytes
  }

  private func next(_ parts: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
    do {
      return try await parts.next()
    } catch let error as CancellationError {
      throw error
    } catch let excess as ExcessBytes {
      throw excess.problem
    } catch is SlowBody {
      throw Problem(.tooSlow, "The body did not arrive in time.")
    } catch {
      throw Problem(.invalidRequest, "The body cannot be read to its end.")
    }
  }
}

extension String {
  fileprivate var isJSON: Bool {
    let type = prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    return type == "application/json"
  }

  /// The encoding in a media type (RFC 9110, section 8.3.2), in small letters; nil where there is
  /// none.
  fileprivate var charset: String? {
    for parameter in split(separator: ";").dropFirst() {
      let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else { continue }
      let words = pair.map { $0.filter { !" \t\"".contains($0) }.lowercased() }
      if words[0] == "charset" { return words[1] }
    }
    return nil
  }
}

extension Response {
  package init(_ problem: Problem) {
    let bytes = (try? WireJSON.encode(problem)) ?? []
    self.init(
      status: HTTPResponse.Status(code: problem.name.status),
      bytes: bytes, contentType: Problem.contentType)
    if problem.name == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
    if let seconds = problem.retryAfterSeconds { headers[.retryAfter] = "\(seconds)" }
    if let methods = problem.allowedMethods { headers[.allow] = methods.joined(separator: ", ") }
  }

  /// - Throws: An error of the encoder, which no value of the wire causes.
  package init(json value: some Encodable, status: HTTPResponse.Status = .ok) throws {
    self.init(
      status: status, bytes: try WireJSON.encode(value), contentType: "application/json")
  }

  package init(status: HTTPResponse.Status = .ok, bytes: [UInt8], contentType: String) {
    self.init(status: status, bytes: ByteBuffer(bytes: bytes), contentType: contentType)
  }

  package init(status: HTTPResponse.Status = .ok, bytes: ByteBuffer, contentType: String) {
    self.init(
      status: status,
      headers: [
        .contentType: contentType, .contentLength: "\(bytes.readableBytes)",
        .cacheControl: "no-store",
      ],
      body: ResponseBody(byteBuffer: bytes))
  }
}
