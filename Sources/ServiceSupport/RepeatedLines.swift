package import Logging
internal import Synchronization

/// Which lines of a log are written, where something goes wrong again and again: one of a kind
/// in a minute.
package struct RepeatedLines: Equatable, Sendable {
  package static let pauseMilliseconds: Int64 = 60_000
  /// Most kinds of lines that are remembered, so that the memory stays bounded.
  package static let mostKinds = 4_096

  private struct Written: Equatable {
    var at: Int64
    /// How many were left out since.
    var omitted = 0
  }

  /// In monotonic milliseconds.
  private var written: [String: Written] = [:]

  package init() {}

  package var count: Int { written.count }

  /// What happens to a line.
  package enum Verdict: Equatable, Sendable {
    /// This many of its kind were left out since the last one.
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
      // This many kinds in one minute are a flood, which the log tells of already.
      guard written.count < Self.mostKinds else { return .omit }
    }
    written[kind] = Written(at: now)
    return .write(omitted: 0)
  }
}

/// Writes a line that says the same as one of the last minute not once more. The next one says
/// how many were left out.
///
/// This is the one place where a log is kept from being flooded: those who log need not count.
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
    // Below that a story is told, in which the same happens again.
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

  /// What a line says: its words and what they are about. Numbers in a reason do not count, and
  /// neither do counts: a clock that runs on is not news.
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
