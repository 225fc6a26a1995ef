import Foundation
import Testing

/// A daemon, or any other program, that runs beside the test and is killed with it.
final class Daemon: Sendable {
  private let process = Process()
  private let output = Pipe()

  /// - Parameter log: A file for what it says on standard error; nil: nobody hears it.
  init(_ program: String, _ arguments: [String], log: String? = nil) throws {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    if let log {
      try Data().write(to: URL(fileURLWithPath: log))
      process.standardError = FileHandle(forWritingAtPath: log)
    } else {
      process.standardError = FileHandle.nullDevice
    }
    try process.run()
  }

  deinit { kill(SIGKILL) }

  func kill(_ signal: Int32) {
    if process.isRunning { Glibc.kill(process.processIdentifier, signal) }
  }

  var processID: Int32 { process.processIdentifier }

  /// Waits until it has ended. Foundation's own wait lasts until those have ended, too, that were
  /// started after it.
  func end() async throws { try await Program.waitForEnd(of: process.processIdentifier) }

  /// The port of its line `ready NAME http://HOST:PORT`.
  ///
  /// - Throws: When it ends without having said so.
  func readyPort() async throws -> Int {
    let line = await line()
    return try #require(line.split(separator: ":").last.flatMap { Int($0) }, "said \(line)")
  }

  /// The next line of its output; what there is of it when it ends before.
  func line() async -> String {
    let file = output.fileHandleForReading
    return await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var bytes: [UInt8] = []
        while let byte = try? file.read(upToCount: 1)?.first, byte != 10 { bytes.append(byte) }
        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
      }
    }
  }
}
