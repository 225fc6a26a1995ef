internal import ClusterModel
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import ServiceSupport

/// Opens connections to the application: for clients, and for the instance's own look at it.
struct ApplicationDoor: Sendable {
  /// A connection that is not open by then is given up.
  private static let connectTimeout = TimeAmount.seconds(5)

  let application: Application
  /// The instance's own door, which it must not lead back to.
  let own: OwnDoor
  /// It is told with a header who its client is (`ProxyHeader`).
  let speaksProxyProtocol: Bool

  /// - Parameter prepare: Puts handlers into the pipeline before anything is read.
  /// - Returns: The connection; it reads nothing by itself, and has not been written to.
  func connect(
    on loop: any EventLoop, prepare: @escaping @Sendable (any Channel) throws -> Void
  ) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(Self.connectTimeout)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.autoRead, value: false)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try prepare(channel) }
      }
    let opened =
      switch application {
      case .tcp(let address): bootstrap.connect(host: address.host, port: address.port)
      case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
      }
    return opened.flatMapThrowing { [own, application] channel in
      guard !own.isReached(by: channel, application) else {
        channel.close(promise: nil)
        throw LeadsBack()
      }
      return channel
    }
  }

  /// Nil where the instance has no application.
  ///
  /// - Parameter port: Where it listens, as soon as that is known.
  init?(_ configuration: InstanceConfiguration, port: @escaping @Sendable () -> Int?) {
    guard let application = configuration.application else { return nil }
    self.application = application
    own = OwnDoor(
      addresses: OwnDoor.addresses(of: configuration.listen.host),
      listensEverywhere: configuration.listensEverywhere, socketPath: configuration.socketPath,
      port: port)
    speaksProxyProtocol = configuration.speaksProxyProtocol
  }

  /// Tells the application who is behind the connection, before anything else is written.
  ///
  /// - Parameter client: Nil: the instance itself.
  func introduce(
    _ client: (source: SocketAddress?, local: SocketAddress?)?, on channel: any Channel
  ) {
    guard speaksProxyProtocol else { return }
    let header = ProxyHeader.bytes(source: client?.source, destination: client?.local)
    channel.writeAndFlush(ByteBuffer(bytes: header), promise: nil)
  }

  /// The connection came back to the instance.
  struct LeadsBack: PlainError {
    let description = "its address is the instance's own"
  }
}

/// Where the instance itself is reached.
struct OwnDoor: Sendable {
  /// The addresses at which it listens, where that is not on every one of the machine.
  let addresses: Set<String>
  /// On every address of the machine.
  let listensEverywhere: Bool
  let socketPath: String?
  /// As soon as it is open.
  let port: @Sendable () -> Int?

  /// Whether a connection has come back to the instance, whatever name led there.
  func isReached(by channel: any Channel, _ application: Application) -> Bool {
    switch application {
    case .unix(let path): isOwnSocket(path)
    case .tcp: isReached(at: channel.remoteAddress, from: channel.localAddress)
    }
  }

  /// - Parameter near: The near end of the connection: of one to an address of this machine it is
  ///   the same address, except of those to 127.0.0.0/8.
  func isReached(at there: SocketAddress?, from near: SocketAddress?) -> Bool {
    guard let there, let own = port(), there.port == own, let address = there.ipAddress
    else { return false }
    if listensEverywhere { return address == near?.ipAddress || Self.isLoopback(address) }
    return addresses.contains(address)
  }

  /// Asks the system once, at the start; a name that it does not know listens nowhere.
  static func addresses(of host: String) -> Set<String> {
    let known = try? SocketAddress.makeAddressResolvingHost(host, port: 0).ipAddress
    return Set([known].compactMap { $0 } + (host == "localhost" ? ["127.0.0.1", "::1"] : []))
  }

  private static func isLoopback(_ address: String) -> Bool {
    address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
  }

  /// The same file under whatever path.
  private func isOwnSocket(_ path: String) -> Bool {
    guard let socketPath else { return false }
    if path == socketPath { return true }
    var (one, two) = (stat(), stat())
    guard stat(path, &one) == 0, stat(socketPath, &two) == 0 else { return false }
    return one.st_dev == two.st_dev && one.st_ino == two.st_ino
  }
}
