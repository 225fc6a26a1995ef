internal import ClusterModel
internal import ClusterTrust
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Registry
internal import ServiceSupport

extension ServiceRoute {
  /// The same route. It computes a digest of a request with an `Idempotency-Key`, to distinguish
  /// its repeat from another request with that key.
  var noting: ServiceRoute {
    guard method != .get else { return self }
    let handler = handler
    return ServiceRoute(method, path, access, knows: knows) { request, context in
      guard try request.idempotencyKey() != nil else { return try await handler(request, context) }
      var (request, context) = (request, context)
      let body = try await request.bytes()
      request.body = RequestBody(buffer: ByteBuffer(bytes: body))
      context.requestDigest = RequestDigest.of(
        method: request.method.rawValue, path: request.head.path ?? "", body: body)
      return try await handler(request, context)
    }
  }
}

extension Request {
  /// The key of the header; nil without one.
  ///
  /// A key that differs from the caller's would repeat nothing, or another request. So a key that
  /// may have been changed on its way is refused: an empty one, or one with bytes beyond ASCII.
  ///
  /// - Throws: `InvalidValue` for anything but 1 to 128 printable characters of ASCII.
  func idempotencyKey() throws -> String? {
    guard
      let name = HTTPField.Name(RequestVocabulary.keyHeader), let text = headers[name]
    else { return nil }
    guard (1...PlainText.longestName).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else {
      throw InvalidValue(
        field: RequestVocabulary.keyHeader,
        complaint: "must be 1 to \(PlainText.longestName) printable characters of ASCII")
    }
    return text
  }

  /// The key with the digest of the request.
  ///
  /// - Parameter note: Returned with a repeat.
  /// - Throws: `InvalidValue`, as `idempotencyKey`.
  func key(_ context: ServiceContext, note: String? = nil) throws -> RequestKey? {
    try idempotencyKey().map { RequestKey($0, digest: context.requestDigest, note: note) }
  }
}
