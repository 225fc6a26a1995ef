package import ClusterModel
internal import Glibc
package import Hummingbird
internal import NIOCore

/// The door through which a request came.
package enum Door: Hashable, Sendable {
  /// TCP: without a token only the open routes are allowed.
  case network
  /// The Unix socket, protected by file permissions: every right.
  case local
}

/// What a handler knows about its request besides the request itself.
package struct ServiceContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  private let channel: any Channel
  /// The bearer of the valid token; nil over the Unix socket and on open routes.
  package internal(set) var caller: TokenBearer?
  /// The segments of the path in place of the route's parameters, decoded.
  package internal(set) var pathParameters: [String: String] = [:]
  /// A digest of the request, where a route has computed one.
  package var requestDigest: [UInt8]?

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// The segment in place of a parameter; empty for a name that the route does not have.
  package func pathParameter(_ name: String) -> String { pathParameters[name] ?? "" }

  package var door: Door {
    channel.localAddress?.protocol == .unix ? .local : .network
  }

  package var peer: Peer { Peer(channel.remoteAddress) }

  /// Calls back once when the peer has closed its side or the connection has gone; at once if this
  /// has happened already.
  package func whenPeerCloses(_ action: @escaping @Sendable () -> Void) {
    channel.eventLoop.execute {
      do {
        try channel.pipeline.syncOperations.handler(type: ConnectionKeeper.self)
          .whenClosed(action)
      } catch {
        action()  // the pipeline has been taken down: the connection is gone
      }
    }
  }

  /// Call this before the body is read: a client that waits for `100 Continue` may then send it.
  func continueBody() {
    channel.eventLoop.execute { [channel] in
      // If there is none, the connection has gone.
      try? channel.pipeline.syncOperations.handler(type: FrontDoor.self).continueBody()
    }
  }

  /// The actor for the log of actions: the name of the token, or the name of the user whose process
  /// is at the other end of a Unix socket (`SO_PEERCRED`), or that user's number where there is no
  /// name; `network` for all others.
  package func actor() async -> ActionActor {
    if let caller { return ActionActor(.token, caller.name) }
    guard door == .local, let options = channel as? any SocketOptionProvider else {
      return ActionActor(ActorKind(rawValue: "network"), "network")
    }
    let future: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
      level: SocketOptionLevel(SOL_SOCKET), name: SO_PEERCRED)
    guard let peer = try? await future.get() else { return ActionActor(.unix, "unknown") }
    return ActionActor(.unix, userName(of: peer.user))
  }
}

/// `struct ucred` of the kernel (unix(7)). glibc defines it only for GNU programs.
private struct PeerCredentials {
  var process: Int32 = 0
  var user: UInt32 = 0
  var group: UInt32 = 0
}

private func userName(of user: UInt32) -> String {
  var entry = passwd()
  var found: UnsafeMutablePointer<passwd>?
  let capacity = 16_384
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
    guard let memory = buffer.baseAddress,
      getpwuid_r(user, &entry, memory, capacity, &found) == 0,
      let name = found?.pointee.pw_name
    else { return String(user) }
    return String(cString: name)
  }
}
