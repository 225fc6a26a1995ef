internal import ClusterModel
internal import Glibc
internal import Logging
internal import ServiceSupport

/// Writes each event as one line to standard error.
///
/// For a person the line begins with the time. For the journal, which adds the time itself, it
/// begins with the priority (sd-daemon(3)).
struct LineLogHandler: LogHandler {
  var logLevel = Logger.Level.notice
  var metadata: Logger.Metadata = [:]
  let isForJournal: Bool

  static func forThisProcess() -> LineLogHandler {
    LineLogHandler(isForJournal: getenv("JOURNAL_STREAM") != nil)
  }

  init(isForJournal: Bool) {
    self.isForJournal = isForJournal
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let extra = metadata.merging(event.metadata ?? [:]) { $1 }
    DaemonOutput.log(
      line(event.level, event.message.description, extra, at: SystemClock.now))
  }

  func line(
    _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at time: Timestamp
  ) -> String {
    let start = isForJournal ? "<\(level.priority)>" : "\(time) \(level.rawValue): "
    let pairs = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
    // One event stays one line, whatever it contains.
    return start + PlainText.cleaned(message + pairs.joined())
  }
}

extension Logger.Level {
  /// The priority of syslog(3).
  fileprivate var priority: Int {
    switch self {
    case .critical: 2
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug, .trace: 7
    }
  }
}
