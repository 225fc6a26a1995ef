internal import ClusterModel
internal import NIOCore

/// A connection to the application behind an instance: bytes in both directions, with backpressure.
///
/// A writer that is faster than the application waits in `write`. An application that sends faster
/// than `bytes` is read waits as well.
public struct ApplicationStream: Sendable {
  let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  let limits: ClientFailure.Limits

  /// The bytes of the application, until it closes its side. Read them only once.
  public var bytes: Pieces { Pieces(inbound: inbound, limits: limits) }

  /// Sends bytes. Waits while too many are on their way.
  public func write(_ bytes: some Sequence<UInt8> & Sendable) async throws(ClientFailure) {
    do { try await outbound.write(ByteBuffer(bytes: bytes)) } catch {
      throw ClientFailure(error, limits: limits)
    }
  }

  /// Closes this side after everything that was written. The application may still answer.
  public func finish() { outbound.finish() }

  /// The received bytes, in pieces as they arrive.
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

      /// The next piece; nil when the application has closed its side.
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
