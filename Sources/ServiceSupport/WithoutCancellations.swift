internal import Logging
internal import NIOCore

/// Leaves out what the HTTP server logs as its own error when its program ends it, for instance
/// because the program cannot start. The program itself reports the reason.
struct WithoutCancellations: LogHandler {
  private static let ends = ["\(CancellationError())", "\(ChannelError.alreadyClosed)"]

  private var handler: any LogHandler

  init(_ handler: any LogHandler) {
    self.handler = handler
  }

  var metadata: Logger.Metadata {
    get { handler.metadata }
    set { handler.metadata = newValue }
  }

  var logLevel: Logger.Level {
    get { handler.logLevel }
    set { handler.logLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { handler[metadataKey: key] }
    set { handler[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    let message = event.message.description
    guard !Self.ends.contains(where: { message.hasSuffix($0) }) else { return }
    handler.log(event: event)
  }
}
