/// A part of the screen that can be in focus.
enum Pane: Int, CaseIterable, Hashable, Sendable {
  case instances, list, actions, sessions, cluster

  /// The key that goes there.
  var number: Int { rawValue + 1 }

  /// Its rows are instances, and the cursor walks through them.
  var hasInstances: Bool { self == .instances || self == .list }
}
