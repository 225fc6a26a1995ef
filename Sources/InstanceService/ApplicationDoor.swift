internal import ClusterModel
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import ServiceSupport

/// Opens connections to the application, for clients and for the instance's own checks.
struct ApplicationDoor: Sendable {
  /// How long opening a connection may take.
  private static let connectTimeout = TimeAmount.seconds(5)

  let application: Application
  /// The instance's own address, to which a connection must not lead back.
  let own: OwnDoor
  /// Whether the application gets a header that names its client (`ProxyHeader`).
  let speaksProxyProtocol: Bool

  /// - Parameter prepare: Adds handlers to the pipeline before anything is read.
  /// - Returns: The connection. It does not read by itself, and nothing was written to it.
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
  /// - Parameter port: The port where it listens, as soon as it is known.
  init?(_ configuration: InstanceConfiguration, port: @escaping @Sendable () -> Int?) {
    guard let application = configuration.application else { return nil }
    self.application = application
    own = OwnDoor(
      addresses: OwnDoor.addresses(of: configuration.listen.host),
      listensEverywhere: configuration.listensEverywhere, socketPath: configuration.socketPath,
      port: port)
    speaksProxyProtocol = configuration.speaksProxyProtocol
  }

  /// Tells the application who the client of the connection is, before anything else is written.
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

/// The addresses of the instance itself.
struct OwnDoor: Sendable {
  /// The addresses on which it listens, if those are not all addresses of the machine.
  let addresses: Set<String>
  /// Whether it listens on every address of the machine.
  let listensEverywhere: Bool
  let socketPath: String?
  /// The port, as soon as it is open.
  let port: @Sendable () -> Int?

  /// Whether a connection has come back to the instance, whatever name led there.
  func isReached(by channel: any Channel, _ application: Application) -> Bool {
    switch application {
    case .unix(let path): isOwnSocket(path)
    case .tcp: isReached(at: channel.remoteAddress, from: channel.localAddress)
    }
  }

  /// - Parameter near: The near end of the connection. For a connection to an address of this
  ///   machine it is that address, except for 127.0.0.0/8.
  func isReached(at there: SocketAddress?, from near: SocketAddress?) -> Bool {
    guard let there, let own = port(), there.port == own, let address = there.ipAddress
    else { return false }
    if listensEverywhere { return address == near?.ipAddress || Self.isLoopback(address) }
    return addresses.contains(address)
  }

  /// Asks the system once, at the start. A name that the system does not know has no addresses.
  static func addresses(of host: String) -> Set<String> {
    let known = try? SocketAddress.makeAddressResolvingHost(host, port: 0).ipAddress
    return Set([known].compactMap { $0 } + (host == "localhost" ? ["127.0.0.1", "::1"] : []))
  }

  private static func isLoopback(_ address: String) -> Bool {
    address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
  }

  /// Whether it is the same file, even under another path.
  private func isOwnSocket(_ path: String) -> Bool {
    guard let socketPath else { return false }
    if path == socketPath { return true }
    var (one, two) = (stat(), stat())
    guard stat(path, &one) == 0, stat(socketPath, &two) == 0 else { return false }
    return one.st_dev == two.st_dev && one.st_ino == two.st_ino
  }
}
