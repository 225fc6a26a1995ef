internal import ClusterModel
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
    /// To be told later.
    case leaveOut
    case omit
  }

  /// - Parameter now: Monotonic milliseconds.
  package mutating func verdict(on kind: String, now: Int64) -> Verdict {
    if let last = written[kind] {
      guard now - last.at >= Self.pauseMilliseconds else {
        written[kind]?.omitted += 1
        return .leaveOut
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

  /// One more is left out, since one that was is still to be told.
  package mutating func leaveOut(_ kind: String) { written[kind]?.omitted += 1 }

  /// The last of those that were left out is written now.
  ///
  /// - Returns: How many were left out before it.
  package mutating func told(_ kind: String, now: Int64) -> Int {
    let omitted = written[kind]?.omitted ?? 1
    written[kind] = Written(at: now)
    return max(0, omitted - 1)
  }
}

/// Leaves out a line that says the same as one of the last minute. The last one of each kind is
/// written within a minute all the same, with the number of the others, so the last line about
/// something is true even where it changed several times.
///
/// Only this place protects the log from floods; code that logs need not count.
package struct WithoutRepeats: LogHandler {
  /// The last line of its kind that was left out.
  private struct LeftOut {
    var event: LogEvent
    var handler: any LogHandler
    var at: Timestamp
    var number: Int
  }

  private struct State {
    var lines = RepeatedLines()
    var leftOut: [String: LeftOut] = [:]
    /// Tells their order.
    var next = 0
    /// Somebody waits to tell them.
    var isTimed = false

    /// - Returns: What happens to a line, and whether somebody has to wait for it.
    mutating func add(
      _ kind: String, _ event: LogEvent, _ handler: any LogHandler
    ) -> (verdict: RepeatedLines.Verdict, starts: Bool) {
      if leftOut[kind] == nil {
        let verdict = lines.verdict(on: kind, now: SystemClock.monotonicMilliseconds)
        guard verdict == .leaveOut else { return (verdict, false) }
      } else {
        lines.leaveOut(kind)
      }
      next += 1
      leftOut[kind] = LeftOut(event: event, handler: handler, at: SystemClock.now, number: next)
      defer { isTimed = true }
      return (.leaveOut, !isTimed)
    }
  }

  private final class Memory: Sendable {
    let state = Mutex(State())
  }

  private var handler: any LogHandler
  private let memory = Memory()
  private let wait: @Sendable (_ milliseconds: Int64) async -> Void

  /// - Parameter wait: Passes the time until what was left out is told.
  package init(
    _ handler: any LogHandler,
    wait: @escaping @Sendable (_ milliseconds: Int64) async -> Void = {
      try? await Task.sleep(for: .milliseconds($0))
    }
  ) {
    self.handler = handler
    self.wait = wait
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
    let kind = Self.kind(of: event)
    let (verdict, starts) = memory.state.withLock { $0.add(kind, event, handler) }
    if case .write(let omitted) = verdict { Self.write(event, omitted, to: handler) }
    if starts { tellLater() }
  }

  private static func write(
    _ event: LogEvent, _ omitted: Int, at time: Timestamp? = nil, to handler: any LogHandler
  ) {
    var event = event
    var more: Logger.Metadata = [:]
    if omitted > 0 { more["repeated"] = "\(omitted)" }
    if let time { more["happened"] = "\(time)" }
    event.metadata = (event.metadata ?? [:]).merging(more) { $1 }
    handler.log(event: event)
  }

  private func tellLater() {
    Task.detached { [memory, wait] in
      await wait(RepeatedLines.pauseMilliseconds)
      let now = SystemClock.monotonicMilliseconds
      let (leftOut, omitted) = memory.state.withLock { state in
        let leftOut = state.leftOut.sorted { $0.value.number < $1.value.number }
        (state.leftOut, state.isTimed) = ([:], false)
        return (leftOut.map(\.value), leftOut.map { state.lines.told($0.key, now: now) })
      }
      for (line, omitted) in zip(leftOut, omitted) {
        Self.write(line.event, omitted, at: line.at, to: line.handler)
      }
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
