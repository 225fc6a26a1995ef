internal import ClusterAPI
internal import NIOCore
internal import Synchronization

/// A session into which an `ApplicationForward` leads connections.
public final class ForwardRoute: Sendable {
  private struct State {
    var connections: [ObjectIdentifier: any Channel] = [:]
    var isLeaving = false
    var isOver = false
  }

  let server: ClusterConnection
  let session: SessionOpened
  private let state = Mutex(State())
  private let left: AsyncStream<Never>
  private let leaving: AsyncStream<Never>.Continuation

  init(server: ClusterConnection, session: SessionOpened) {
    self.server = server
    self.session = session
    (left, leaving) = AsyncStream.makeStream()
  }

  var isOver: Bool { state.withLock { $0.isOver } }

  /// The session has ended: closes its connections at once.
  public func end() {
    let connections = state.withLock { state in
      state.isOver = true
      defer { state.connections = [:] }
      return Array(state.connections.values)
    }
    for connection in connections { connection.close(promise: nil) }
    leaving.finish()
  }

  /// Takes no more connections, and returns when the last one has ended: at once where there is
  /// none. Called once, by one task.
  public func finish() async {
    let isEmpty = state.withLock { state in
      state.isLeaving = true
      return state.connections.isEmpty
    }
    if isEmpty { leaving.finish() }
    for await _ in left {}
  }

  /// - Returns: Whether the connection is this session's now.
  func add(_ connection: any Channel) -> Bool {
    let isAdded = state.withLock { state in
      guard !state.isOver, !state.isLeaving else { return false }
      state.connections[ObjectIdentifier(connection)] = connection
      return true
    }
    if isAdded { connection.closeFuture.whenComplete { [self] _ in remove(connection) } }
    return isAdded
  }

  func remove(_ connection: any Channel) {
    let isLast = state.withLock { state in
      state.connections[ObjectIdentifier(connection)] = nil
      return state.isLeaving && state.connections.isEmpty
    }
    if isLast { leaving.finish() }
  }
}
