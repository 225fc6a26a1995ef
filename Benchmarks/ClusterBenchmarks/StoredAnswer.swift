internal import Hummingbird
internal import Logging
internal import NIOCore
internal import RealPrograms

/// A server that answers every handshake with the same stored bytes: the same kind of server as
/// the balancer's, and nothing to think about. Runs in a process of its own.
enum StoredAnswer {
  /// Serves until it is killed; says where on standard output.
  static func serve(_ file: String) throws {
    let answer = ByteBuffer(string: FileText.read(file))
    let router = Router()
    router.post("/v1/handshake") { _, _ in
      Response(
        status: .ok,
        headers: [
          .contentType: "application/json", .contentLength: "\(answer.readableBytes)",
          .cacheControl: "no-store",
        ],
        body: ResponseBody(byteBuffer: answer))
    }
    var logger = Logger(label: "stored")
    logger.logLevel = .error
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in
        Output.line("ready stored http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
      },
      logger: logger)
    try Async.wait { try await application.runService() }
  }
}
