internal import NIOCore
internal import NIOEmbedded
internal import NIOSSL

/// A TLS handshake between a listener's certificate and one of our own clients, in memory.
enum TLSTrial {
  /// - Parameter authorities: The authorities that the client trusts; nil: the client does not
  ///   check the certificate, and only its key must work.
  /// - Returns: Whether a byte of the client arrives at the server.
  static func succeeds(
    with server: NIOSSLContext, trusting authorities: [NIOSSLCertificate]?
  ) -> Bool {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = authorities == nil ? .none : .noHostnameVerification
    if let authorities { configuration.trustRoots = .certificates(authorities) }
    let (listening, calling) = (EmbeddedChannel(), EmbeddedChannel())
    defer { for channel in [listening, calling] { end(channel) } }
    do {
      let client = try NIOSSLContext(configuration: configuration)
      try listening.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: server))
      try calling.pipeline.syncOperations.addHandler(
        NIOSSLClientHandler(context: client, serverHostname: nil))
      let nowhere = try SocketAddress(unixDomainSocketPath: "trial")
      for channel in [listening, calling] { channel.connect(to: nowhere, promise: nil) }
      calling.writeAndFlush(ByteBuffer(bytes: [1]), promise: nil)
      // Two flights in each direction, and some more.
      for _ in 0..<8 {
        try carry(from: calling, to: listening)
        try carry(from: listening, to: calling)
        if try listening.readInbound(as: ByteBuffer.self) != nil { return true }
      }
      return false
    } catch {
      return false
    }
  }

  /// Closes a channel whose other end does not answer any more. Its clock runs on until TLS stops
  /// waiting for the answer.
  private static func end(_ channel: EmbeddedChannel) {
    channel.close(promise: nil)
    channel.embeddedEventLoop.advanceTime(by: .minutes(1))
    _ = try? channel.finish(acceptAlreadyClosed: true)
  }

  private static func carry(from one: EmbeddedChannel, to other: EmbeddedChannel) throws {
    one.embeddedEventLoop.run()
    while let bytes = try one.readOutbound(as: ByteBuffer.self) {
      try other.writeInbound(bytes)
    }
  }
}
