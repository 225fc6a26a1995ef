internal import DequeModule

/// The last events of the status feed, kept for readers that were cut off and continue.
///
/// Changes have a sequence number. An action has none and comes after the last change before it. A
/// reader may get an action twice, but never a change.
package struct ToldLog<Piece: Sendable>: Sendable {
  private struct Entry {
    /// The number of the change, or of the last change before the action.
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
  /// The number of the last change; 0 before the first.
  package private(set) var sequence: Int64 = 0

  /// - Parameter keptBytes: Beyond this size the oldest events are dropped.
  package init(keptBytes: Int) {
    self.keptBytes = keptBytes
  }

  /// - Parameter sequence: For a change, one more than the last one; nil for an action.
  package mutating func append(_ piece: Piece, bytes: Int, sequence: Int64?) {
    self.sequence = sequence ?? self.sequence
    entries.append(
      Entry(sequence: self.sequence, isAction: sequence == nil, bytes: bytes, piece: piece))
    self.bytes += bytes
    while self.bytes > keptBytes, let oldest = entries.popFirst() {
      self.bytes -= oldest.bytes
      // A reader at the change before a forgotten action may have missed it.
      earliest = oldest.isAction ? oldest.sequence + 1 : oldest.sequence
    }
  }

  /// The events after that change; nil where they are not known any more, or it never existed.
  package func missed(since last: Int64) -> [Piece]? {
    guard (earliest...).contains(last), last <= sequence else { return nil }
    return entries.filter { $0.isAction ? $0.sequence >= last : $0.sequence > last }.map(\.piece)
  }
}
