package import Logging
internal import Synchronization

/// Decides which lines of a log are written when something goes wrong again and again: one of each
/// kind in a minute.
package struct RepeatedLines: Equatable, Sendable {
  package static let pauseMilliseconds: Int64 = 60_000
  /// The most kinds of lines that are remembered, so that the memory stays bounded.
  package static let mostKinds = 4_096

  private struct Written: Equatable {
    var at: Int64
    /// How many were left out since then.
    var omitted = 0
  }

  /// The times in monotonic milliseconds.
  private var written: [String: Written] = [:]

  package init() {}

  package var count: Int { written.count }

  /// What to do with a line.
  package enum Verdict: Equatable, Sendable {
    /// Write it. This many of its kind were left out since the last one.
    case write(omitted: Int)
    case omit
  }

  /// - Parameter now: Monotonic milliseconds.
  package mutating func verdict(on kind: String, now: Int64) -> Verdict {
    if let last = written[kind] {
      guard now - last.at >= Self.pauseMilliseconds else {
        written[kind]?.omitted += 1
        return .omit
      }
      written[kind] = Written(at: now)
      return .write(omitted: last.omitted)
    }
    if written.count >= Self.mostKinds {
      written = written.filter { now - $0.value.at < Self.pauseMilliseconds }
      // With this many kinds in one minute the log is being flooded, which it reports already.
      guard written.count < Self.mostKinds else { return .omit }
    }
    written[kind] = Written(at: now)
    return .write(omitted: 0)
  }
}

/// Leaves out a line that says the same as one of the last minute. The next one says how many were
/// left out.
///
/// Only this place protects the log from floods; code that logs need not count.
package struct WithoutRepeats: LogHandler {
  private final class Memory: Sendable {
    let lines = Mutex(RepeatedLines())
  }

  private var handler: any LogHandler
  private let memory = Memory()

  package init(_ handler: any LogHandler) {
    self.handler = handler
  }

  package var metadata: Logger.Metadata {
    get { handler.metadata }
    set { handler.metadata = newValue }
  }

  package var logLevel: Logger.Level {
    get { handler.logLevel }
    set { handler.logLevel = newValue }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { handler[metadataKey: key] }
    set { handler[metadataKey: key] = newValue }
  }

  package func log(event: LogEvent) {
    // Lines below this level tell a story, in which the same may happen again.
    guard event.level >= .notice else { return handler.log(event: event) }
    let now = SystemClock.monotonicMilliseconds
    switch memory.lines.withLock({ $0.verdict(on: Self.kind(of: event), now: now) }) {
    case .omit: return
    case .write(omitted: 0): handler.log(event: event)
    case .write(let omitted):
      var event = event
      event.metadata = (event.metadata ?? [:]).merging(["repeated": "\(omitted)"]) { $1 }
      handler.log(event: event)
    }
  }

  /// The kind of a line: its words and what they are about. Numbers in a reason and counts are
  /// ignored: a clock that runs on says nothing new.
  static func kind(of event: LogEvent) -> String {
    let sorted = (event.metadata ?? [:]).sorted { $0.key < $1.key }
    let pairs = sorted.compactMap { key, value -> String? in
      switch key {
      case "open", "files": return nil
      case "reason", "error": return "\(key)=\(value)".filter { !$0.isNumber }
      default: return "\(key)=\(value)"
      }
    }
    return ([event.level.rawValue, event.message.description] + pairs).joined(separator: "\0")
  }
}
