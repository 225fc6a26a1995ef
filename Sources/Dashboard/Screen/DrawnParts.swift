internal import CellGrid
internal import ClusterModel

/// Parts of the last picture, each with what it showed. The dashboard itself does not know them:
/// with them a picture comes quicker, and is the same.
///
/// Kept is what takes long to draw and often stays as it is: the rows of the table, the events,
/// and the keys.
package struct DrawnParts {
  /// By their line in the pane.
  var rows: [Int: DrawnPart<InstanceRow>] = [:]
  var events: DrawnPart<EventsShown>?
  var keys: DrawnPart<KeyBar>?
  private var places: [Table.Place] = []
  private var columns: [ColumnName] = []

  package init() {}

  /// Forgets the rows where the table is another one.
  mutating func keepRows(of table: Table, _ columns: [ColumnName]) {
    guard table.places != places || columns != self.columns else { return }
    (rows, places, self.columns) = ([:], table.places, columns)
  }
}

/// A part of the screen as it was drawn last, with what it showed then.
struct DrawnPart<Content: Equatable> {
  let content: Content
  let part: Rectangle
  fileprivate let cells: [Cell]
}

extension Grid {
  /// Draws into a part that is blank. Where it shows the same as the last time, in the same place,
  /// the cells of then are put there again, which costs a small part of drawing them.
  ///
  /// - Parameters:
  ///   - content: All that decides how the part looks.
  ///   - drawn: The last time; nil: there was none.
  ///   - draw: Draws the content, and nowhere but into the part.
  mutating func draw<Content: Equatable>(
    _ content: Content, in part: Rectangle, keeping drawn: inout DrawnPart<Content>?,
    by draw: (inout Grid) -> Void
  ) {
    if let drawn, drawn.part == part, drawn.content == content {
      put(drawn.cells, in: part)
    } else {
      draw(&self)
      drawn = DrawnPart(content: content, part: part, cells: cells(in: part))
    }
  }
}

/// What a row of the table of instances shows.
struct InstanceRow: Equatable {
  var context: RowContext
  /// Its state is a new one.
  var hasNewState: Bool
  var isTagged: Bool
  var isSelected: Bool
}

/// What the pane of events shows.
struct EventsShown: Equatable {
  var actions: [ActionRecord]
  var events: [ClusterEvent]
  var log: OwnLog
  var isFocused: Bool
  var cursor: TimedAction.Name?
  var offset: Int
}
