internal import CellGrid
internal import ClusterModel

/// What stands in the pane for one action. Its lines are made only where they are seen.
struct TimedAction {
  let at: Timestamp
  let order: Int64
  /// How many lines it has.
  let count: Int
  let lines: () -> [StyledText]

  /// - Parameters:
  ///   - plainCount: How many lines it has where they are not broken.
  ///   - columns: Lines are broken at so many; nil: they are not.
  init(
    at: Timestamp, order: Int64, plainCount: Int, columns: Int?,
    lines: @escaping () -> [StyledText]
  ) {
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
  /// All lines; those outside of the window are there, and empty.
  func lines(within window: Range<Int> = 0..<Int.max) -> [StyledText] {
    var all: [StyledText] = []
    for action in self {
      let isSeen = window.overlaps(all.count..<all.count + action.count)
      all += isSeen ? action.lines() : [StyledText](repeating: StyledText(), count: action.count)
    }
    return all
  }
}
