internal import AsyncHTTPClient
public import ClusterAPI
internal import NIOCore

/// The events of a stream as they arrive, heartbeats included. To be read once.
///
/// Ends when the server ends it; fails with `unreachable` when the connection is lost or silent
/// for too long, and with `malformed` when what arrives is no event stream.
public struct EventStream: AsyncSequence, Sendable {
  public typealias Element = ServerSentEventParser.Item
  public typealias Failure = ClientFailure

  let body: HTTPClientResponse.Body
  let limits: ClientFailure.Limits
  let longestEvent: Int
  /// Kept so that the sockets outlive whoever opened the stream.
  let transport: HTTPTransport

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(
      chunks: body.makeAsyncIterator(), limits: limits,
      parser: ServerSentEventParser(limit: longestEvent), transport: transport)
  }

  public struct AsyncIterator: AsyncIteratorProtocol {
    public typealias Failure = ClientFailure

    var chunks: HTTPClientResponse.Body.AsyncIterator
    let limits: ClientFailure.Limits
    let transport: HTTPTransport
    private var parser: ServerSentEventParser
    /// Parsed and not yet given out, last first.
    private var waiting: [ServerSentEventParser.Item] = []

    init(
      chunks: HTTPClientResponse.Body.AsyncIterator, limits: ClientFailure.Limits,
      parser: ServerSentEventParser, transport: HTTPTransport
    ) {
      self.chunks = chunks
      self.limits = limits
      self.parser = parser
      self.transport = transport
    }

    public mutating func next() async throws(ClientFailure) -> ServerSentEventParser.Item? {
      while waiting.isEmpty {
        let chunk: ByteBuffer?
        do { chunk = try await chunks.next() } catch {
          throw ClientFailure(error, limits: limits)
        }
        guard let chunk else { return nil }
        do { waiting = try parser.consume(chunk.readableBytesView).reversed() } catch {
          throw .malformed(error.description)
        }
      }
      return waiting.popLast()
    }
  }
}
