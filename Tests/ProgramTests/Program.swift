import Foundation
import RealPrograms
import TestSupport
import Testing

/// A program of the project, or any other, run to its end.
enum Program {
  struct Result: Equatable, Sendable {
    var status: Int32
    var output: String
    var error: String
  }

  /// Names the folder of the programs that are tested: `make test` names that of `make build`,
  /// so that the tests see what ships. Without it they are those beside the tests.
  static let folderVariable = "AOSTOP_PROGRAMS"

  /// Where a program lies that is tested.
  static func path(_ name: String) -> String {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let beside = URL(fileURLWithPath: tests ?? ".").deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment[folderVariable]
    let folder = named.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? beside
    return folder.appendingPathComponent(name).path
  }

  /// Runs it to its end and gives everything it said. It waits on a thread of its own: the few
  /// threads that tests share belong to those that have something to do.
  static func run(
    _ path: String, _ arguments: [String], environment: [String: String]? = nil
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Swift.Result { try runBlocking(path, arguments, environment: environment) })
      }
    }
  }

  /// The same, and the thread waits.
  ///
  /// Foundation's `Process` waits until a socket that every descendant inherits is closed, so it
  /// never returns from a program that leaves a server behind, as tmux does.
  static func runBlocking(
    _ path: String, _ arguments: [String], environment: [String: String]? = nil
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
    let places = ["out", "error"].map {
      folder.appendingPathComponent("\(UUID().uuidString).\($0)")
    }
    defer { for place in places { try? FileManager.default.removeItem(at: place) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, places[0].path, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, places[1].path, O_WRONLY | O_CREAT, 0o600)
    var attributes = posix_spawnattr_t()
    Child.openToSignals(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    let variables = environment ?? ProcessInfo.processInfo.environment
    let words = ([path] + arguments).map { strdup($0) }
    let settings = variables.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in words + settings { free(text) } }
    var child = pid_t()
    let error = posix_spawn(
      &child, path, &actions, &attributes, words + [nil], settings + [nil])
    guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EINVAL) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let texts = try places.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    let signal = status & 0x7F
    return Result(
      status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: texts[0], error: texts[1])
  }

  /// Waits until a process that is not ours has ended; forever, if it lives on. One that is dead
  /// and that nobody has asked for yet counts as ended.
  static func waitForEnd(of process: pid_t) async throws {
    let script = "while [ -e /proc/\(process)/exe ]; do sleep 0.02; done"
    #expect(try await run("/bin/sh", ["-c", script]).status == 0)
  }
}

/// Waits until a log holds some words.
func until(_ words: String, in log: String) async throws {
  try await eventually("\(log) says \(words)") {
    (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
  } is: {
    $0.contains(words)
  }
}
