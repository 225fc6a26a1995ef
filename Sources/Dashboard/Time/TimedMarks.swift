internal import ClusterModel

/// Marks of instances that disappear after a while.
struct TimedMarks<Value: Equatable & Sendable>: Equatable, Sendable {
  private struct Mark: Equatable {
    var value: Value
    /// Monotonic milliseconds.
    var until: Int64
  }

  static var lifetimeMilliseconds: Int64 { 4_000 }

  private var marks: [InstanceID: Mark] = [:]
  /// When the first mark disappears; nil without marks.
  private(set) var nextEnd: Int64?

  init() {}

  subscript(id: InstanceID) -> Value? { marks[id]?.value }

  /// Sets or removes a mark.
  mutating func set(_ value: Value?, _ id: InstanceID, at now: Int64) {
    let until = now + Self.lifetimeMilliseconds
    marks[id] = value.map { Mark(value: $0, until: until) }
    if value != nil { nextEnd = min(nextEnd ?? until, until) }
  }

  /// Drops the marks whose time is over.
  mutating func expire(at now: Int64) {
    guard let nextEnd, nextEnd <= now else { return }
    marks = marks.filter { $0.value.until > now }
    self.nextEnd = marks.values.lazy.map(\.until).min()
  }
}
