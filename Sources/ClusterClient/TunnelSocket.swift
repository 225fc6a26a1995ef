internal import ClusterModel
internal import Glibc
package import NIOCore

/// The socket options of a tunnel.
package enum TunnelSocket {
  /// The usual size of a read; it grows with the amount of data.
  private static let readBytes = 2_048
  /// `TCP_USER_TIMEOUT` (tcp(7)).
  private static let userTimeout = NIOBSDSocket.Option(rawValue: 18)

  /// Two things are set:
  ///
  /// - The peer may pause for as long as it likes. It then acknowledges and reads nothing, which
  ///   `TCP_USER_TIMEOUT` would treat as its end; keep-alive detects a peer that has gone.
  /// - For a peer that does not read, `Limits.tunnelBytes` are kept: what waits, and one read.
  ///
  /// - Throws: Where the connection has gone.
  package static func prepare(_ channel: any Channel) throws {
    let half = Limits.tunnelBytes / 2
    let options = channel.syncOptions
    try options?.setOption(.autoRead, value: false)
    try options?.setOption(
      .recvAllocator,
      value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: readBytes, maximum: half))
    try options?.setOption(.maxMessagesPerRead, value: 1)
    try options?.setOption(.writeBufferWaterMark, value: .init(low: half / 2, high: half))
    guard channel.localAddress?.protocol != .unix else { return }
    let settings: [(NIOBSDSocket.OptionLevel, NIOBSDSocket.Option, Int)] = [
      (.tcp, userTimeout, 0), (.socket, .so_keepalive, 1),
      (.tcp, .init(rawValue: TCP_KEEPIDLE), 10), (.tcp, .init(rawValue: TCP_KEEPINTVL), 5),
      (.tcp, .tcp_nodelay, 1),
    ]
    for (level, name, value) in settings {
      let option = ChannelOptions.Types.SocketOption(level: level, name: name)
      try options?.setOption(option, value: .init(value))
    }
  }
}
