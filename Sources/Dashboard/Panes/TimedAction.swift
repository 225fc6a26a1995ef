internal import CellGrid
internal import ClusterModel

/// The entry of one action or event in the pane. Its lines are made only where they are visible.
struct TimedAction {
  /// The name by which the cursor stays on it, whatever comes above it.
  enum Name: Hashable, Sendable {
    case action(Int64)
    case event(ClusterEvent.Name)
    case request(RequestToken)
  }

  let name: Name
  /// The instance that it is about; nil where it is about several, or the whole cluster.
  let instance: InstanceID?
  let at: Timestamp
  let order: Int64
  /// The number of its lines.
  let count: Int
  let lines: () -> [StyledText]

  /// - Parameters:
  ///   - plainCount: The number of its lines if they are not broken.
  ///   - columns: Lines are broken at this many; nil: they are not.
  init(
    _ name: Name, of instance: InstanceID?, at: Timestamp, order: Int64, plainCount: Int,
    columns: Int?, lines: @escaping () -> [StyledText]
  ) {
    (self.name, self.instance) = (name, instance)
    (self.at, self.order) = (at, order)
    if columns == nil {
      (count, self.lines) = (plainCount, lines)
    } else {
      let made = lines()
      (count, self.lines) = (made.count, { made })
    }
  }
}

extension [TimedAction] {
  /// All lines; those outside the window are empty.
  func lines(within window: Range<Int> = 0..<Int.max) -> [StyledText] {
    var all: [StyledText] = []
    for action in self {
      let isSeen = window.overlaps(all.count..<all.count + action.count)
      all += isSeen ? action.lines() : [StyledText](repeating: StyledText(), count: action.count)
    }
    return all
  }
}
