import ClusterModel
import Foundation
import Testing

@Suite("aosd instance as a process")
struct AOSDaemonInstanceTests {
  /// A run of aosd in a folder of its own.
  private final class Run {
    let process = Process()
    let folder = "/tmp/aosd-\(UUID().uuidString.prefix(13))"
    private let output = Pipe()
    private let errors = Pipe()

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
      process.executableURL = URL(fileURLWithPath: Program.path("aosd"))
      process.arguments = arguments
      process.environment = ["HOME": folder].merging(environment) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = errors
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      try? FileManager.default.removeItem(atPath: folder)
    }

    /// The first line of standard output; empty when it ends without one.
    func firstLine() async -> String {
      let file = output.fileHandleForReading
      return await onThread {
        var bytes: [UInt8] = []
        while let byte = try? file.read(upToCount: 1)?.first, byte != 10 { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
      }
    }

    /// Waits for the end.
    func finish() async -> (status: Int32, errors: String) {
      let file = errors.fileHandleForReading
      let text = await onThread { String(decoding: file.readDataToEndOfFile(), as: UTF8.self) }
      let ending = process
      await onThread { ending.waitUntilExit() }
      return (process.terminationReason == .exit ? process.terminationStatus : -1, text)
    }

    /// Blocks a thread of its own: the test threads are few.
    private func onThread<Value: Sendable>(
      _ work: @escaping @Sendable () -> Value
    ) async -> Value {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
      }
    }
  }

  private static let plain = [
    "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "5",
  ]

  @Test("it says that it is ready and where, and stops in order", arguments: [SIGTERM, SIGINT])
  func lifetime(signal: Int32) async throws {
    let run = try Run(Self.plain)
    try run.process.run()
    let line = await run.firstLine()
    #expect(line.wholeMatch(of: /ready AOS01 http:\/\/127\.0\.0\.1:[1-9][0-9]*/) != nil, "\(line)")
    #expect(
      FileManager.default.fileExists(atPath: run.folder + "/.local/state/aos/AOS01/lock"))
    kill(run.process.processIdentifier, signal)
    let end = await run.finish()
    #expect(end.status == 0)
  }

  @Test("everything may stand in the environment")
  func environment() async throws {
    let run = try Run(
      ["instance"],
      environment: [
        "AOSD_NAME": "AOS07", "AOSD_LISTEN": "127.0.0.1:0", "AOSD_MAX_CLIENTS": "5",
        "AOSD_SERVICES": "application,batch",
      ])
    try run.process.run()
    #expect(await run.firstLine().hasPrefix("ready AOS07 http://"))
    run.process.terminate()
    #expect(await run.finish().status == 0)
  }

  @Test(
    "wrong usage ends with 1 and names the option",
    arguments: [
      (["--name", "a b"], "--name"), (["--max-clients", "70000"], "--max-clients"),
      (["--listen", "nowhere"], "--listen"), (["--listen", "0.0.0.0:0"], "--advertise"),
      (["--services", "web"], "--services"), (["--join", "http://lb:2712"], "--token-file"),
      (["--join", "https://lb:2712", "--token-file", "/nowhere"], "--token-file"),
      (["--tls-key", "/nowhere"], "--tls-certificate"),
      (["--tls-certificate", "/nowhere", "--tls-key", "/nowhere"], "--tls-certificate"),
      (["--ca-file", "/nowhere"], "--ca-file"),
      (["--join", "unix://relative"], "--join"), (["--socket", ""], "--socket"),
      (["--cluster-key", "/nowhere"], "--cluster-key"), (["--log-level", "loud"], "--log-level"),
      (["--drain-on-stop=soon"], "--drain-on-stop"),
      (["--drain-on-stop", "-1"], "1"), (["--drain-on-stop", "604801"], "--drain-on-stop"),
      (["--agent-listen", "nowhere"], "--agent-listen"),
      (["--connections", "x"], "--connections"),
      (["--connections-per-address", "-1"], "--connections-per-address"),
      (["--nonsense"], "--nonsense"), (["--config", "/nowhere"], "--config"),
    ])
  func usage(arguments: [String], option: String) async throws {
    let run = try Run(Self.plain + arguments)
    try run.process.run()
    let end = await run.finish()
    #expect(end.status == 1)
    #expect(end.errors.contains(option), "\(end.errors)")
  }

  @Test("what is missing is named")
  func missing() async throws {
    let run = try Run(["instance", "--name", "AOS01", "--listen", "127.0.0.1:0"])
    try run.process.run()
    let end = await run.finish()
    #expect(end.status == 1)
    #expect(end.errors.contains("--max-clients"), "\(end.errors)")
  }

  @Test("a port that is taken and a damaged state are errors in plain words")
  func cannotStart() async throws {
    let first = try Run(Self.plain)
    try first.process.run()
    let port = await first.firstLine().split(separator: ":").last ?? ""
    let second = try Run(Self.plain.map { $0 == "127.0.0.1:0" ? "127.0.0.1:\(port)" : $0 })
    try second.process.run()
    let end = await second.finish()
    #expect(end.status == 1)
    #expect(
      end.errors.contains("Cannot listen on 127.0.0.1:\(port): Address already in use"),
      "\(end.errors)")
    first.process.terminate()
    #expect(await first.finish().status == 0)

    let damaged = try Run(Self.plain)
    let state = damaged.folder + "/.local/state/aos/AOS01"
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
    try Data("nonsense".utf8).write(to: URL(fileURLWithPath: state + "/desired.json"))
    try damaged.process.run()
    let refusal = await damaged.finish()
    #expect(refusal.status == 1)
    #expect(refusal.errors.contains("desired.json is damaged"), "\(refusal.errors)")
  }
}
