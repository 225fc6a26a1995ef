/// Who says whether a transport may open one connection more: a server counts those that it
/// opens together with those that it accepts, so that descriptors never run out.
public struct ConnectionBudget: Sendable {
  private let enter: @Sendable (_ givesWay: Bool) -> Bool
  private let leave: @Sendable () -> Void

  /// - Parameters:
  ///   - enter: Takes a connection into account; false: there is no room for it. One that gives way
  ///     leaves some room to the others.
  ///   - leave: Called once for each that was taken, when its request or stream is over.
  public init(
    enter: @escaping @Sendable (_ givesWay: Bool) -> Bool, leave: @escaping @Sendable () -> Void
  ) {
    (self.enter, self.leave) = (enter, leave)
  }

  /// For programs with few connections.
  public static let unlimited = ConnectionBudget(enter: { _ in true }, leave: {})

  /// - Throws: `unreachable`, where there is no room.
  func permit(givesWay: Bool) throws(ClientFailure) -> ConnectionPermit {
    guard enter(givesWay) else {
      throw .unreachable("this process has no descriptor left: raise its limit on open files")
    }
    return ConnectionPermit(leave)
  }
}

/// Room for one connection, given back when nobody refers to it any more.
final class ConnectionPermit: Sendable {
  private let leave: @Sendable () -> Void

  init(_ leave: @escaping @Sendable () -> Void) { self.leave = leave }

  deinit { leave() }
}
