internal import ClusterModel
internal import NIOCore

/// A connection to the application behind an instance: bytes each way, with backpressure.
///
/// A writer that is faster than the application waits in `write`, and an application that sends
/// faster than `bytes` is read waits as well.
public struct ApplicationStream: Sendable {
  let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  let limits: ClientFailure.Limits

  /// What the application sends, until it closes its side. To be read once.
  public var bytes: Pieces { Pieces(inbound: inbound, limits: limits) }

  /// Sends bytes, and waits while many are under way.
  public func write(_ bytes: some Sequence<UInt8> & Sendable) async throws(ClientFailure) {
    do { try await outbound.write(ByteBuffer(bytes: bytes)) } catch {
      throw ClientFailure(error, limits: limits)
    }
  }

  /// Closes this side behind what was written: the application may still answer.
  public func finish() { outbound.finish() }

  /// The bytes that come, in pieces as they come.
  public struct Pieces: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = ClientFailure

    let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    let limits: ClientFailure.Limits

    public func makeAsyncIterator() -> AsyncIterator {
      AsyncIterator(pieces: inbound.makeAsyncIterator(), limits: limits)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
      public typealias Failure = ClientFailure

      var pieces: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
      let limits: ClientFailure.Limits

      /// Nil when the application has closed its side.
      public mutating func next() async throws(ClientFailure) -> [UInt8]? {
        do {
          return try await pieces.next().map { Array($0.readableBytesView) }
        } catch {
          throw ClientFailure(error, limits: limits)
        }
      }
    }
  }
}
