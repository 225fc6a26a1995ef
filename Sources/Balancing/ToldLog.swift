internal import DequeModule

/// What the status feed told lately, kept for readers that were cut off and go on.
///
/// Changes have a sequence number; an action has none and belongs behind the last change before
/// it. A reader may be told an action twice, never a change.
package struct ToldLog<Piece: Sendable>: Sendable {
  private struct Entry {
    /// Of the change, or of the last change before the action.
    let sequence: Int64
    let isAction: Bool
    let bytes: Int
    let piece: Piece
  }

  private let keptBytes: Int
  private var entries: Deque<Entry> = []
  private var bytes = 0
  /// The first change after which everything is still known.
  private var earliest: Int64 = 0
  /// Of the last change; 0 before the first.
  package private(set) var sequence: Int64 = 0

  /// - Parameter keptBytes: The oldest pieces go when there are more.
  package init(keptBytes: Int) {
    self.keptBytes = keptBytes
  }

  /// - Parameter sequence: Of a change, one more than that of the last; nil for an action.
  package mutating func append(_ piece: Piece, bytes: Int, sequence: Int64?) {
    self.sequence = sequence ?? self.sequence
    entries.append(
      Entry(sequence: self.sequence, isAction: sequence == nil, bytes: bytes, piece: piece))
    self.bytes += bytes
    while self.bytes > keptBytes, let oldest = entries.popFirst() {
      self.bytes -= oldest.bytes
      // A reader at the change before a forgotten action may not have heard of it.
      earliest = oldest.isAction ? oldest.sequence + 1 : oldest.sequence
    }
  }

  /// What was told after that change; nil where that is not known any more, or never was told.
  package func missed(since last: Int64) -> [Piece]? {
    guard (earliest...).contains(last), last <= sequence else { return nil }
    return entries.filter { $0.isAction ? $0.sequence >= last : $0.sequence > last }.map(\.piece)
  }
}
