internal import NIOCore
internal import NIOPosix

/// The main thread waits for what is done elsewhere: it drives the programs one step at a time.
package enum Async {
  @discardableResult
  package static func wait<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    try MultiThreadedEventLoopGroup.singleton.any().makeFutureWithTask(body).wait()
  }
}
