internal import AsyncHTTPClient
public import ClusterAPI
internal import NIOCore

/// The events of a stream as they arrive, including heartbeats. Read it only once.
///
/// It ends when the server ends it. It fails with `unreachable` when the connection is lost or
/// silent for too long, and with `malformed` when the server sends something else than an event
/// stream.
public struct EventStream: AsyncSequence, Sendable {
  public typealias Element = ServerSentEventParser.Item
  public typealias Failure = ClientFailure

  /// The reason for the failure of a stream that sends more than it may.
  public static let excess = "the stream sends more than it may"

  let body: HTTPClientResponse.Body
  let limits: ClientFailure.Limits
  let longestEvent: Int
  let mayTake: (@Sendable (Int) -> Bool)?
  /// Kept so that the sockets outlive the caller that opened the stream.
  let transport: HTTPTransport
  let client: OwnedClient
  let permit: ConnectionPermit

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(
      chunks: body.makeAsyncIterator(), limits: limits,
      parser: ServerSentEventParser(limit: longestEvent), mayTake: mayTake,
      transport: transport, client: client, permit: permit)
  }

  public struct AsyncIterator: AsyncIteratorProtocol {
    public typealias Failure = ClientFailure

    var chunks: HTTPClientResponse.Body.AsyncIterator
    let limits: ClientFailure.Limits
    let transport: HTTPTransport
    let client: OwnedClient
    let permit: ConnectionPermit
    private let mayTake: (@Sendable (Int) -> Bool)?
    private var parser: ServerSentEventParser
    /// Items that are parsed and not returned yet, last first.
    private var waiting: [ServerSentEventParser.Item] = []

    init(
      chunks: HTTPClientResponse.Body.AsyncIterator, limits: ClientFailure.Limits,
      parser: ServerSentEventParser, mayTake: (@Sendable (Int) -> Bool)?,
      transport: HTTPTransport, client: OwnedClient, permit: ConnectionPermit
    ) {
      self.chunks = chunks
      self.limits = limits
      self.parser = parser
      self.mayTake = mayTake
      self.transport = transport
      self.client = client
      self.permit = permit
    }

    public mutating func next() async throws(ClientFailure) -> ServerSentEventParser.Item? {
      while waiting.isEmpty {
        let chunk: ByteBuffer?
        do { chunk = try await chunks.next() } catch {
          throw ClientFailure(error, limits: limits)
        }
        guard let chunk else { return nil }
        guard mayTake?(chunk.readableBytes) ?? true else {
          throw .malformed(EventStream.excess)
        }
        do { waiting = try parser.consume(chunk.readableBytesView).reversed() } catch {
          throw .malformed(error.description)
        }
      }
      return waiting.popLast()
    }
  }
}
