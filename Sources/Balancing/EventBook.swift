internal import ClusterModel

/// Events that the registry is to write down, until it has.
///
/// Bounded: of what goes back and forth while the registry is away one event waits for each name,
/// and counts; the oldest beyond `most` are forgotten.
struct EventBook: Sendable {
  /// As many as a cluster of the largest size loses at once, and some.
  private static let most = 2 * Limits.members
  /// Events of one write: a transaction stays short.
  private static let mostOfWrite = 200
  /// Between two writes, in milliseconds: an instance that flaps writes no more often.
  private static let pause: Int64 = 1_000

  private var waiting: [ClusterEvent.Name: ClusterEvent] = [:]
  /// Those that the registry was asked to write.
  private var asked: [ClusterEvent] = []
  private var askedAt: Int64?

  mutating func add(_ event: ClusterEvent) {
    waiting[event.name] = waiting[event.name].map { event.counted(on: $0) ?? $0 } ?? event
    guard waiting.count > Self.most, let oldest = waiting.values.min(by: { $0.at < $1.at }) else {
      return
    }
    waiting[oldest.name] = nil
  }

  /// It is told already, and the registry knows an older one at most.
  func isWaiting(_ name: ClusterEvent.Name) -> Bool {
    waiting[name] != nil || asked.contains { $0.name == name }
  }

  /// What is to be written now, oldest first; again after two seconds without success.
  mutating func nextWrite(now: Int64) -> [ClusterEvent] {
    guard !waiting.isEmpty || !asked.isEmpty else { return [] }
    if let askedAt {
      guard now - askedAt >= (asked.isEmpty ? Self.pause : Pace.untilAgain) else { return [] }
    }
    for event in asked {
      waiting[event.name] = waiting[event.name].map { $0.counted(on: event) ?? $0 } ?? event
    }
    asked = Array(
      waiting.values.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
        .prefix(Self.mostOfWrite))
    for event in asked { waiting[event.name] = nil }
    askedAt = now
    return asked
  }

  /// The registry has what it was asked to write.
  mutating func written() { asked = [] }
}

extension ClusterEvent {
  /// Puts events of one time into one order in every process.
  fileprivate var order: String { "\(instance?.text ?? "") \(kind.rawValue)" }
}
