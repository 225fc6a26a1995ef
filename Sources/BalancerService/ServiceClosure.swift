internal import ServiceLifecycle

/// A service from a function.
struct ServiceClosure: ServiceLifecycle.Service {
  let body: @Sendable () async throws -> Void

  init(_ body: @escaping @Sendable () async throws -> Void) {
    self.body = body
  }

  func run() async throws {
    try await body()
  }
}
