/// Decides whether a transport may open another connection. A server counts the connections that it
/// opens together with those that it accepts, so that it never runs out of descriptors.
public struct ConnectionBudget: Sendable {
  private let enter: @Sendable (_ givesWay: Bool) -> Bool
  private let leave: @Sendable () -> Void

  /// - Parameters:
  ///   - enter: Counts a new connection; returns false where there is no room for it. A connection
  ///     that gives way leaves some room to others.
  ///   - leave: Called once for each counted connection, when its request or stream is over.
  public init(
    enter: @escaping @Sendable (_ givesWay: Bool) -> Bool, leave: @escaping @Sendable () -> Void
  ) {
    (self.enter, self.leave) = (enter, leave)
  }

  /// For programs with few connections.
  public static let unlimited = ConnectionBudget(enter: { _ in true }, leave: {})

  /// - Throws: `unreachable` where there is no room.
  func permit(givesWay: Bool) throws(ClientFailure) -> ConnectionPermit {
    guard enter(givesWay) else {
      throw .unreachable("this process has no descriptor left: raise its limit on open files")
    }
    return ConnectionPermit(leave)
  }
}

/// A place for one connection, which is free again when nobody refers to this object.
final class ConnectionPermit: Sendable {
  private let leave: @Sendable () -> Void

  init(_ leave: @escaping @Sendable () -> Void) { self.leave = leave }

  deinit { leave() }
}
