import Foundation
import Synchronization
import Testing

/// A run of aosctl as a process of its own.
struct AOSControlRun: Equatable {
  var status: Int32
  var output: String
  var errors: String

  /// The lines of standard output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Starts the aosctl that is tested.
final class AOSControlProcess: Sendable {
  private let process: Process
  private let output = SpokenText()
  private let errors = SpokenText()
  private let ended: AsyncStream<Never>

  /// - Parameter intoFullPipe: Its output goes into a pipe that takes nothing.
  init(
    _ arguments: [String], environment: [String: String] = [:], intoFullPipe: Bool = false
  ) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path("aosctl"))
    process.arguments = arguments
    // Nothing of the developer's own environment may steer a test.
    process.environment = ["PATH": "/usr/bin:/bin", "USER": "eve"].merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output.pipe
    if intoFullPipe { output.fill() }
    process.standardError = errors.pipe
    let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
    self.ended = ended
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    if !intoFullPipe { output.listen() }
    errors.listen()
  }

  /// Waits until this text was printed, or the end.
  func printed(_ text: String) async { await output.wait { $0.contains(text) } }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits until it hangs in a write.
  func waitUntilItWrites() async throws {
    let script =
      "until grep -qs pipe_write /proc/\(process.processIdentifier)/task/*/wchan; "
      + "do sleep 0.02; done"
    #expect(try await Program.run("/bin/sh", ["-c", script]).status == 0)
  }

  /// Sends SIGINT, as Ctrl-C does.
  func interrupt() { process.interrupt() }

  /// Waits for the end and gives everything that was said.
  func finish() async -> AOSControlRun {
    for await _ in ended {}
    return AOSControlRun(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: await output.whole, errors: await errors.whole)
  }
}

/// What a process says into a pipe, as it says it.
private final class SpokenText: Sendable {
  let pipe = Pipe()
  private let parts: AsyncStream<[UInt8]>
  private let continuation: AsyncStream<[UInt8]>.Continuation
  private let bytes = Mutex<[UInt8]>([])

  init() { (parts, continuation) = AsyncStream.makeStream() }

  func listen() {
    let (file, continuation) = (pipe.fileHandleForReading, continuation)
    // A thread of its own: reading blocks.
    Thread.detachNewThread {
      while case let part = file.availableData, !part.isEmpty { continuation.yield([UInt8](part)) }
      continuation.finish()
    }
  }

  /// Fills the pipe, which nobody reads.
  func fill() {
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    while write(descriptor, " ", 1) == 1 {}
    _ = fcntl(descriptor, F_SETFL, flags)
    continuation.finish()
  }

  /// Reads on until what was said is enough, or all.
  func wait(until isEnough: (String) -> Bool) async {
    while !isEnough(text) {
      var next = parts.makeAsyncIterator()
      guard let part = await next.next() else { return }
      bytes.withLock { $0 += part }
    }
  }

  /// Everything, once the process is gone.
  var whole: String {
    get async {
      await wait { _ in false }
      return text
    }
  }

  private var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}

/// Runs aosctl to its end.
func aosctl(
  _ arguments: String..., environment: [String: String] = [:]
) async throws -> AOSControlRun {
  try await AOSControlProcess(arguments, environment: environment).finish()
}
