internal import ClusterAPI
internal import NIOCore
internal import Synchronization

/// A session into which an `ApplicationForward` forwards connections.
public final class ForwardRoute: Sendable {
  /// A connection of the session.
  struct Entry: Sendable {
    var client: any Channel
    /// When the connection is closed if it still has no session.
    var deadline: NIODeadline
    /// Whether it has reached the application.
    var isJoined = false
  }

  private struct State {
    var entries: [ObjectIdentifier: Entry] = [:]
    var isLeaving = false
    var isOver = false
  }

  let server: ClusterConnection
  let session: SessionOpened
  private let orphaned: @Sendable (Entry, ForwardRoute) -> Void
  private let state = Mutex(State())
  private let left: AsyncStream<Never>
  private let leaving: AsyncStream<Never>.Continuation

  /// - Parameter orphaned: Called with each connection that has not reached the application when
  ///   the session ends.
  init(
    server: ClusterConnection, session: SessionOpened,
    orphaned: @escaping @Sendable (Entry, ForwardRoute) -> Void
  ) {
    self.server = server
    self.session = session
    self.orphaned = orphaned
    (left, leaving) = AsyncStream.makeStream()
  }

  var isOver: Bool { state.withLock { $0.isOver } }

  /// Call this when the session has ended. Closes its connections at once.
  public func end() {
    let entries = state.withLock { state in
      state.isOver = true
      defer { state.entries = [:] }
      return Array(state.entries.values)
    }
    for entry in entries {
      if entry.isJoined { entry.client.close(promise: nil) } else { orphaned(entry, self) }
    }
    leaving.finish()
  }

  /// Accepts no more connections, and returns when the last one has ended, which may be at once.
  /// Call it once, from one task.
  public func finish() async {
    let isEmpty = state.withLock { state in
      state.isLeaving = true
      return state.entries.isEmpty
    }
    if isEmpty { leaving.finish() }
    for await _ in left {}
  }

  /// - Returns: Whether the connection belongs to this session now.
  func add(_ client: any Channel, until deadline: NIODeadline) -> Bool {
    let isAdded = state.withLock { state in
      guard !state.isOver, !state.isLeaving else { return false }
      state.entries[ObjectIdentifier(client)] = Entry(client: client, deadline: deadline)
      return true
    }
    if isAdded { client.closeFuture.whenComplete { [self] _ in _ = release(client) } }
    return isAdded
  }

  /// Notes that the connection reaches the application.
  ///
  /// - Returns: Whether it still belongs to this session.
  func join(_ client: any Channel) -> Bool {
    state.withLock { state in
      state.entries[ObjectIdentifier(client)]?.isJoined = true
      return state.entries[ObjectIdentifier(client)] != nil
    }
  }

  /// Releases a connection.
  ///
  /// - Returns: Whether it belonged to this session.
  func release(_ client: any Channel) -> Bool {
    let (wasHere, isLast) = state.withLock { state in
      let removed = state.entries.removeValue(forKey: ObjectIdentifier(client))
      return (removed != nil, state.isLeaving && state.entries.isEmpty)
    }
    if isLast { leaving.finish() }
    return wasHere
  }
}
