internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What clients do, as bytes on sockets: thousands of the library's connections would measure the
/// library.
enum Visitor {
  static let body = #"{"kind":"client","user":"ana","computer":"pc7"}"#

  static func request(_ path: String, _ body: String = body) -> ByteBuffer {
    ByteBuffer(
      string: "POST \(path) HTTP/1.1\r\nHost: aos\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  static func session(ticket: String?) -> ByteBuffer {
    guard let ticket else { return request("/v1/sessions") }
    return request("/v1/sessions", body.dropLast() + #","ticket":"\#(ticket)"}"#)
  }

  /// Connects, sends, and reads until the answer holds a mark or is a refusal.
  static func exchange(
    _ address: Address, _ request: ByteBuffer, until mark: String, on loop: any EventLoop
  ) -> EventLoopFuture<(channel: any Channel, answer: String)> {
    let answered = loop.makePromise(of: String.self)
    return ClientBootstrap(group: loop)
      .connectTimeout(.seconds(20))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AnswerReader(mark, answered))
        }
      }
      .connect(host: address.host, port: address.port)
      .flatMap { channel in
        channel.writeAndFlush(request, promise: nil)
        return answered.futureResult.map { (channel, $0) }
      }
      .flatMapErrorThrowing { error in
        answered.fail(error)
        throw error
      }
  }
}

/// Collects an answer up to its mark; lets everything after it go by.
private final class AnswerReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let mark: String
  private var promise: EventLoopPromise<String>?
  private var text = ""

  init(_ mark: String, _ promise: EventLoopPromise<String>) {
    self.mark = mark
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard promise != nil else { return }
    // What is new, and as much before it as a mark may begin with.
    let known = max(0, text.utf8.count - mark.utf8.count)
    text += String(buffer: unwrapInboundIn(data))
    let isRefusal = text.utf8.count > 12 && !text.hasPrefix("HTTP/1.1 200")
    let new = String(decoding: text.utf8.dropFirst(known), as: UTF8.self)
    if isRefusal || new.contains(mark) { finish() }
  }

  func channelInactive(context: ChannelHandlerContext) { finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func finish() {
    promise?.succeed(text)
    promise = nil
    text = ""
  }
}
