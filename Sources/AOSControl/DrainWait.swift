internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// Waits for drained instances and reports their progress.
struct DrainWait {
  /// The instances in the answer to the drain.
  let instances: [InstanceStatus]
  /// Whether standard output belongs to JSON, so that nothing else is printed there.
  let isQuiet: Bool

  /// - Throws: `ProgramFailure` when an instance was enabled again.
  func finish(at balancer: ClusterConnection) async throws {
    let watcher = ClusterWatcher(
      endpoints: [balancer.endpoint], token: balancer.token, transport: balancer.transport)
    let isQuiet = isQuiet
    let over = Signal()
    let progress = Shared(DrainReport(instances))
    let start = ContinuousClock.now
    if !isQuiet { console.endWithReader() }
    await over.ends {
      await watcher.run { event in
        let elapsed = Int64((ContinuousClock.now - start) / .milliseconds(1))
        let lines = progress.with { $0.tell(event, elapsedMilliseconds: elapsed) }
        if isQuiet {
          lines.forEach(console.note)
        } else {
          endingOnFailure { () throws(ProgramFailure) in try console.lines(lines) }
        }
        if progress.with({ $0.isOver }) { over.fire() }
      }
    }
    if let failure = progress.with({ $0.failure }) { throw failure }
  }
}

/// The progress of the instances of a drain, from the feed.
struct DrainReport: Equatable {
  private struct Waiting: Equatable {
    /// When its admission was set. Older states in the feed do not count.
    var since: Timestamp
    var lastLine = ""
    var lastLineAt = Int64.min
  }

  /// The shortest time between two lines about the sessions of one instance, in milliseconds.
  private static let lineMilliseconds: Int64 = 1_000

  private var waiting: [InstanceID: Waiting] = [:]
  private var snapshot: ClusterSnapshot?
  private(set) var failure: ProgramFailure?

  init(_ instances: [InstanceStatus]) {
    for instance in instances { waiting[instance.id] = Waiting(since: instance.admissionAt) }
  }

  var isOver: Bool { waiting.isEmpty || failure != nil }

  /// Takes an event and returns the lines to print.
  mutating func tell(_ event: WatchEvent, elapsedMilliseconds: Int64) -> [String] {
    switch event {
    case .snapshot(let new): snapshot = new
    case .change(let change): snapshot?.apply(change)
    case .lost(let endpoint, let failure, _):
      return ["\(endpoint) is away (\(failure)); trying again"]
    case .connecting, .connected, .action, .event: return []
    }
    guard let snapshot else { return [] }
    return waiting.keys.sorted().compactMap { id in
      look(at: snapshot[id], id, elapsedMilliseconds)
    }
  }

  private mutating func look(
    at instance: InstanceStatus?, _ id: InstanceID, _ now: Int64
  ) -> String? {
    guard let instance else { return finish(id, "removed") }
    guard let known = waiting[id] else { return nil }
    if instance.admission == .accepting {
      guard instance.admissionAt > known.since else { return nil }
      failure = ProgramFailure(
        .refused, "\(id) was enabled again by \(instance.admissionByWords)")
      return nil
    }
    switch instance.health {
    case .known(.stopped): return finish(id, "stopped")
    case .known(.unreachable), .known(.notYetSeen), .unrecognized:
      let reason = instance.healthReason.map { " (\($0))" } ?? ""
      return tell(id, "\(instance.state.name)\(reason), waiting", now, atOnce: true)
    case .known(.alive):
      guard instance.delivered else {
        return tell(id, "has not confirmed the drain yet, waiting", now, atOnce: true)
      }
      let left = instance.load.connected
      if left == 0 { return finish(id, "drained") }
      let began = max(instance.drain?.startedWith ?? left, left)
      return tell(id, "\(left) of \(began) sessions left", now, atOnce: false)
    }
  }

  private mutating func finish(_ id: InstanceID, _ words: String) -> String {
    waiting[id] = nil
    return "\(id) \(words)"
  }

  private mutating func tell(
    _ id: InstanceID, _ words: String, _ now: Int64, atOnce: Bool
  ) -> String? {
    guard let known = waiting[id], known.lastLine != words else { return nil }
    guard atOnce || known.lastLineAt == .min || now - known.lastLineAt >= Self.lineMilliseconds
    else { return nil }
    waiting[id]?.lastLine = words
    waiting[id]?.lastLineAt = now
    return "\(id) \(words)"
  }
}
