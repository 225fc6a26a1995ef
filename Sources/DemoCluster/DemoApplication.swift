internal import ClusterModel
internal import NIOCore
internal import NIOPosix

/// The application behind the demo's servers. To a number and a new line it answers with that many
/// bytes.
struct DemoApplication: Sendable {
  private let channel: any Channel
  let address: Address

  /// The most bytes of one answer. A client that asks for more is cut off.
  static let longestAnswer = 64 << 10

  /// - Throws: Where no port is free.
  init() async throws {
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Answers())
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    address = try Address(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
  }

  func stop() { channel.close(promise: nil) }

  private final class Answers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var number = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      for byte in unwrapInboundIn(data).readableBytesView {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          number = number * 10 + Int(byte - UInt8(ascii: "0"))
          guard number <= DemoApplication.longestAnswer else { return context.close(promise: nil) }
        case UInt8(ascii: "\n"):
          let answer = ByteBuffer(repeating: UInt8(ascii: "."), count: number)
          context.write(wrapOutboundOut(answer), promise: nil)
          number = 0
        default: return context.close(promise: nil)
        }
      }
      context.flush()
    }
  }
}
