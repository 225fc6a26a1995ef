internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A reader of the status feed that wants one thing of it: the highest number of sessions that
/// any changed instance has. The benchmark counts upwards, so this names the newest change.
final class FeedReader: Sendable {
  private let channel: any Channel

  /// - Parameter onNumber: Called on the reader's event loop with every new highest number.
  init(socket: String, onNumber: @escaping @Sendable (Int) -> Void) throws {
    channel = try ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(LoadScanner(onNumber))
        }
      }
      .connect(unixDomainSocketPath: socket).wait()
    let request = ByteBuffer(string: "GET /v1/feed HTTP/1.1\r\nHost: balancer\r\n\r\n")
    try channel.writeAndFlush(request).wait()
  }

  func close() { channel.close(promise: nil) }
}

/// Finds the loads in lines of the feed.
private final class LoadScanner: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let onNumber: @Sendable (Int) -> Void
  private var line: [UInt8] = []
  private var highest = -1

  init(_ onNumber: @escaping @Sendable (Int) -> Void) { self.onNumber = onNumber }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var rest = unwrapInboundIn(data).readableBytesView[...]
    while let end = rest.firstIndex(of: 10) {
      line += rest[..<end]
      scan()
      line.removeAll(keepingCapacity: true)
      rest = rest[(end + 1)...]
    }
    line += rest
  }

  /// Numbers after `",` : the sessions in `["AOS04",12,0,60]`. Whole instances and places in the
  /// list look otherwise or are lower.
  private func scan() {
    guard line.starts(with: Self.data), !line.starts(with: Self.snapshot) else { return }
    var number = -1
    var before: (UInt8, UInt8) = (0, 0)
    for byte in line {
      if number >= 0, (48...57).contains(byte) {
        number = number * 10 + Int(byte - 48)
      } else {
        note(number)
        number =
          before == (UInt8(ascii: "\""), UInt8(ascii: ",")) && (48...57).contains(byte)
          ? Int(byte - 48) : -1
      }
      before = (before.1, byte)
    }
  }

  private func note(_ number: Int) {
    guard number > highest else { return }
    highest = number
    onNumber(number)
  }

  private static let data = Array("data: ".utf8)
  /// The snapshot's keys are sorted, and its first is the list of actions.
  private static let snapshot = Array("data: {\"actions\"".utf8)
}
