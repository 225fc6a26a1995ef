/// A part of the screen that can have the focus.
enum Pane: Int, CaseIterable, Hashable, Sendable {
  case instances, list, actions, sessions, cluster

  /// The key that goes there.
  var number: Int { rawValue + 1 }

  /// Whether its rows are instances, through which the cursor moves.
  var hasInstances: Bool { self == .instances || self == .list }
}
