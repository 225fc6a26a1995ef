internal import ClusterModel

/// Events that the registry must still store.
///
/// It is bounded. If something goes back and forth while the registry is away, one event for each
/// name waits and counts. The oldest events beyond `most` are forgotten.
struct EventBook: Sendable {
  /// As many as a cluster of the largest size loses at once, and some more.
  private static let most = 2 * Limits.members
  /// The most events of one write, so that a transaction stays short.
  private static let mostOfWrite = 200
  /// The pause between two writes in milliseconds, even if an instance flaps.
  private static let pause: Int64 = 1_000

  private var waiting: [ClusterEvent.Name: ClusterEvent] = [:]
  /// The events that the registry was asked to store.
  private var asked: [ClusterEvent] = []
  private var askedAt: Int64?

  mutating func add(_ event: ClusterEvent) {
    waiting[event.name] = waiting[event.name].map { event.counted(on: $0) ?? $0 } ?? event
    guard waiting.count > Self.most, let oldest = waiting.values.min(by: { $0.at < $1.at }) else {
      return
    }
    waiting[oldest.name] = nil
  }

  /// Whether an event of this name was reported already, and is not stored yet or only in an older
  /// version.
  func isWaiting(_ name: ClusterEvent.Name) -> Bool {
    waiting[name] != nil || asked.contains { $0.name == name }
  }

  /// The events to store now, oldest first; the same ones again after two seconds without success.
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

  /// The registry has stored what it was asked to store.
  mutating func written() { asked = [] }
}

extension ClusterEvent {
  /// Puts events of the same time into the same order in every process.
  fileprivate var order: String { "\(instance?.text ?? "") \(kind.rawValue)" }
}
