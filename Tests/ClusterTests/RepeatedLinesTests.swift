import Logging
import ServiceSupport
import Synchronization
import TestSupport
import Testing

/// The lines that reached the end of a log.
final class KeptLog: LogHandler, Sendable {
  private let events = Mutex<[LogEvent]>([])

  var lines: [String] { lines(from: .trace) }

  /// Those of this level and above.
  func lines(from level: Logger.Level) -> [String] {
    events.withLock { events in
      events.filter { $0.level >= level }.map { event in
        let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }
        return event.message.description + pairs.map { " \($0.key)=\($0.value)" }.joined()
      }
    }
  }

  var count: Int { lines.count }
  var logLevel: Logger.Level {
    get { .debug }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }

  subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) { events.withLock { $0.append(event) } }
}

@Suite("A line that repeats")
struct RepeatedLinesTests {
  @Test("is written once a minute, and then tells how many were left out")
  func onceAMinute() {
    var lines = RepeatedLines()
    #expect(lines.verdict(on: "a", now: 0) == .write(omitted: 0))
    for second in 1..<60 {
      #expect(lines.verdict(on: "a", now: Int64(second) * 1_000) == .leaveOut)
    }
    #expect(lines.verdict(on: "b", now: 59_000) == .write(omitted: 0))
    #expect(lines.verdict(on: "a", now: 60_000) == .write(omitted: 59))
    #expect(lines.verdict(on: "a", now: 120_000) == .write(omitted: 0))
  }

  @Test("costs no more memory however many kinds there are")
  func bounded() {
    var lines = RepeatedLines()
    for number in 0..<(RepeatedLines.mostKinds * 2) {
      _ = lines.verdict(on: "\(number)", now: 1)
      #expect(lines.count <= RepeatedLines.mostKinds)
    }
    #expect(lines.verdict(on: "new", now: 1) == .omit, "the flood is in the log already")
    #expect(lines.verdict(on: "new", now: 70_000) == .write(omitted: 0))
  }

  @Test("is told within a minute where it was left out, so that the last line on a thing is true")
  func told() async throws {
    let log = KeptLog()
    let minute = OneTimeValue<Void>()
    let waits = Mutex(0)
    let handler = WithoutRepeats(log) { _ in
      waits.withLock { $0 += 1 }
      try? await minute.value
    }
    let logger = Logger(label: "test") { _ in handler }
    for _ in 0..<3 {
      logger.notice("It is here")
      logger.notice("It is away")
    }
    logger.notice("It is here")
    #expect(log.lines == ["It is here", "It is away"])
    minute.resolve(.success(()))
    try await eventually("what was left out is told") { log.count == 4 }
    let told = log.lines.suffix(2).map { $0.replacing(/happened=[0-9T:.Z-]+/, with: "happened=") }
    #expect(told == ["It is away happened= repeated=1", "It is here happened= repeated=2"])
    #expect(waits.withLock { $0 } == 1, "one wait is for all of them")
  }

  @Test("is known by its words and what they are about; other numbers and counts make no new kind")
  func kinds() {
    let log = KeptLog()
    let logger = Logger(label: "test") { _ in WithoutRepeats(log) }
    for number in 1...3 {
      logger.warning("Refused", metadata: ["open": "\(number)", "reason": "\(number) s"])
      logger.warning("Refused", metadata: ["instance": "AOS0\(number)"])
      logger.notice("Obeying", metadata: ["revision": "\(number)"])
      logger.debug("Asking")
    }
    #expect(log.lines.filter { $0.hasPrefix("Refused open") } == ["Refused open=1 reason=1 s"])
    #expect(log.lines.filter { $0.hasPrefix("Refused instance") }.count == 3)
    #expect(log.lines.filter { $0.hasPrefix("Obeying") }.count == 3)
    #expect(log.lines.filter { $0 == "Asking" }.count == 3, "a story is told whole")
  }
}
