import Foundation
import Testing

/// A run of aosctl as a process of its own.
struct AOSControlRun: Equatable {
  var status: Int32
  var output: String
  var errors: String

  /// The lines of standard output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Starts aosctl, which lies beside the program that runs the tests.
final class AOSControlProcess: Sendable {
  private let process: Process
  private let output = Pipe()
  private let errors = Pipe()
  private let ended: AsyncStream<Never>

  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process = Process()
    process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("aosctl")
    process.arguments = arguments
    // Nothing of the developer's own environment may steer a test.
    process.environment = ["PATH": "/usr/bin:/bin", "USER": "eve"].merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
    self.ended = ended
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
  }

  /// Sends SIGINT, as Ctrl-C does.
  func interrupt() { process.interrupt() }

  /// Waits for the end and gives everything that was said.
  func finish() async -> AOSControlRun {
    async let said = Self.read(output)
    async let complained = Self.read(errors)
    for await _ in ended {}
    return AOSControlRun(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: await said, errors: await complained)
  }

  private static func read(_ pipe: Pipe) async -> String {
    await withCheckedContinuation { continuation in
      // A thread of its own: reading blocks until the process is gone.
      Thread.detachNewThread {
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
      }
    }
  }
}

/// Runs aosctl to its end.
func aosctl(
  _ arguments: String..., environment: [String: String] = [:]
) async throws -> AOSControlRun {
  try await AOSControlProcess(arguments, environment: environment).finish()
}
