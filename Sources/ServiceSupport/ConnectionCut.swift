internal import NIOCore
internal import NIOSSL

extension ChannelHandlerContext {
  /// Closes the connection of a peer that has had its time: at once, without a farewell. With one,
  /// TLS would wait five seconds for the peer's own, and read on meanwhile.
  func cut() {
    let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
    (tls ?? self).close(promise: nil)
  }
}
