package import ClusterModel
internal import Glibc
package import Hummingbird
internal import NIOCore

/// Over which door a request came in.
package enum Door: Hashable, Sendable {
  /// TCP: everything but the open routes is closed without a token.
  case network
  /// The Unix socket, guarded by file permissions: every right.
  case local
}

/// What a handler knows of its request besides the request itself.
package struct ServiceContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  private let channel: any Channel
  /// Who showed a token that holds; nil over the Unix socket and on open routes.
  package internal(set) var caller: TokenBearer?
  /// The segments of the path that the route's parameters stand for, decoded.
  package internal(set) var pathParameters: [String: String] = [:]
  /// A digest of what is asked for, where a route has taken one.
  package var requestDigest: [UInt8]?

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// What stands in the path for a parameter; empty for a name that the route does not have.
  package func pathParameter(_ name: String) -> String { pathParameters[name] ?? "" }

  package var door: Door {
    channel.localAddress?.protocol == .unix ? .local : .network
  }

  package var peer: Peer { Peer(channel.remoteAddress) }

  /// Calls back once when the peer has closed its side, or the connection is gone; at once where
  /// that has happened already.
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

  /// The body is about to be read: a client that waits for a word may send it.
  func continueBody() {
    channel.eventLoop.execute { [channel] in
      // Where there is none, the connection is gone.
      try? channel.pipeline.syncOperations.handler(type: FrontDoor.self).continueBody()
    }
  }

  /// Who speaks, for the log of actions: the name of the token that was shown, or the user name of
  /// the process at the other end of a Unix socket (`SO_PEERCRED`), the number where that user has
  /// no name; `network` for anyone else.
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

/// `struct ucred` of the kernel (unix(7)); glibc shows it to GNU programs only.
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
