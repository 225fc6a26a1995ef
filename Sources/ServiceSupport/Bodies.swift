package import ClusterAPI
internal import ClusterModel
package import Hummingbird
internal import NIOCore

extension Request {
  /// The longest body that a route takes, in bytes. The largest honest one is a bulk drain of
  /// 10,000 ids of 64 characters.
  package static let longestBody = 1 << 20

  /// Reads a JSON body.
  ///
  /// - Throws: `Problem`, `too-large` or `invalid-request` with the field's name.
  package func json<Body: Decodable>(
    _ type: Body.Type = Body.self, limit: Int = longestBody
  ) async throws -> Body {
    let bytes = try await bytes(limit: limit)
    guard !bytes.isEmpty else { throw Problem(.invalidRequest, "The body is empty.") }
    do {
      return try WireJSON.decode(type, from: bytes)
    } catch {
      throw Problem(.invalidRequest, "The body is refused: \(error).")
    }
  }

  /// Reads a JSON body of a mutation: browsers' simple requests are kept out by the content
  /// type, and scripts of other sites by `Origin`.
  ///
  /// - Throws: `Problem`, `too-large` or `invalid-request`.
  package func mutation<Body: Decodable>(_ type: Body.Type = Body.self) async throws -> Body {
    try refuseBrowsers()
    guard let content = headers[.contentType], content.isJSON else {
      throw Problem(.invalidRequest, "The Content-Type must be application/json.")
    }
    return try await json(type)
  }

  /// - Throws: `Problem`, `forbidden`, for a request that a web page sends.
  package func refuseBrowsers() throws {
    guard headers[.origin] == nil else {
      throw Problem(.forbidden, "Changes are not taken from web pages.")
    }
  }

  /// The body's bytes.
  ///
  /// - Throws: `Problem`, `too-large`, or `invalid-request` where it never ends or is garbled.
  package func bytes(limit: Int = longestBody) async throws -> [UInt8] {
    let tooLong = Problem(.tooLarge, "The body is longer than \(limit) bytes.")
    if let length = headers[.contentLength].flatMap(Int.init), length > limit { throw tooLong }
    var bytes: [UInt8] = []
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
    } catch is SlowBody {
      throw Problem(.tooSlow, "The body did not arrive in time.")
    } catch {
      throw Problem(.invalidRequest, "The body cannot be read to its end.")
    }
  }

  /// A query parameter that is a whole number.
  ///
  /// - Throws: `Problem`, `invalid-request`, where it is none or is out of range.
  package func number(
    _ name: String, in range: ClosedRange<Int>, default standard: Int
  ) throws -> Int {
    guard let text = uri.queryParameters[name[...]] else { return standard }
    guard let number = Int(text), range.contains(number) else {
      throw Problem(
        .invalidRequest, "\(name) must be \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// A query parameter that is `true` or `false`; absent means false.
  ///
  /// - Throws: `Problem`, `invalid-request`, for anything else.
  package func flag(_ name: String) throws -> Bool {
    switch uri.queryParameters[name[...]] {
    case nil, "false": return false
    case "true", "": return true
    default: throw Problem(.invalidRequest, "\(name) must be true or false.")
    }
  }
}

extension String {
  fileprivate var isJSON: Bool {
    let type = prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    return type == "application/json"
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
  }

  /// - Throws: Whatever the encoder throws; no value of the wire makes it do so.
  package init(json value: some Encodable, status: HTTPResponse.Status = .ok) throws {
    self.init(
      status: status, bytes: try WireJSON.encode(value), contentType: "application/json")
  }

  package init(status: HTTPResponse.Status = .ok, bytes: [UInt8], contentType: String) {
    self.init(
      status: status,
      headers: [
        .contentType: contentType, .contentLength: "\(bytes.count)", .cacheControl: "no-store",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
