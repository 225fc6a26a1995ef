internal import ClusterModel
internal import ClusterTrust
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Registry
internal import ServiceSupport

extension ServiceRoute {
  /// The same route, which notes what a request with an `Idempotency-Key` asks for, so that its
  /// repeat is told from another request with that key.
  var noting: ServiceRoute {
    guard method != .get else { return self }
    let handler = handler
    return ServiceRoute(method, path, access) { request, context in
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
  /// - Throws: `InvalidValue` for one over 128 characters or with control characters.
  func idempotencyKey() throws -> String? {
    guard let name = HTTPField.Name("Idempotency-Key"), let text = headers[name], !text.isEmpty
    else { return nil }
    return try PlainText.checked(text, field: "Idempotency-Key")
  }

  /// The key with what is asked for.
  ///
  /// - Parameter note: Given back with a repeat.
  /// - Throws: `InvalidValue`, as `idempotencyKey`.
  func key(_ context: ServiceContext, note: String? = nil) throws -> RequestKey? {
    try idempotencyKey().map { RequestKey($0, digest: context.requestDigest, note: note) }
  }
}
