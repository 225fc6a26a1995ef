import Foundation
import TestSupport
import Testing

/// A shell in a terminal of its own (tmux on a private socket), as an operator has one over ssh.
///
/// What is waited for is a condition on the screen, never a time.
final class TerminalSession {
  /// Why a test cannot go on.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let folder: URL
  private let socket = "aostop-test-\(UUID().uuidString)"
  /// Only a broken program is waited for this long.
  private static let limitSeconds = 90.0

  init(columns: Int = 120, rows: Int = 40) async throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("aostop-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try await tmux(
      "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-c",
      folder.path, "env PS1='> ' bash --norc --noprofile -i")
    try await tmux("set-option", "-g", "status", "off")
    // Otherwise the shell ends with its window, and nobody can look at it any more.
    try await tmux("set-option", "-g", "remain-on-exit", "on")
  }

  deinit {
    _ = try? Program.runBlocking(
      "/usr/bin/env", ["tmux", "-L", socket, "kill-server"], environment: environment)
    try? FileManager.default.removeItem(at: folder)
  }

  /// Starts aostop from the shell. The modes of the terminal are kept before and after it.
  ///
  /// - Parameter environment: Set for it alone, as in `TERM=vt100`.
  func start(_ arguments: String = "unix:///nobody", environment: String = "") async throws {
    let program = "\(environment) \(Program.path("aostop")) \(arguments)"
    try await type("stty -a >before; \(program); echo \"[status $?]\"")
    try await press("Enter")
  }

  func type(_ text: String) async throws { try await tmux("send-keys", "-t", "0", "-l", text) }

  func press(_ keys: String...) async throws { try await tmux(["send-keys", "-t", "0"] + keys) }

  /// Answers the question on the screen with y. A key that follows another one too quickly answers
  /// none, and the question says so: then it is pressed again.
  func confirm() async throws {
    try await press("y")
    try await waitUntil("the question is answered") { screen in
      if screen.contains("press it again") {
        try await passATenthOfASecond()  // more than the 60 ms that the question asks for
        try await press("y")
      }
      return !screen.contains("Cancel")
    }
  }

  /// Pastes a text as a terminal does: between marks where the program asked for them.
  ///
  /// - Parameter isMarked: False: as a terminal that has no marks.
  func paste(_ text: String, isMarked: Bool = true) async throws {
    try await tmux("set-buffer", text)
    try await tmux(["paste-buffer", "-t", "0"] + (isMarked ? ["-p"] : []))
  }

  func resize(columns: Int, rows: Int) async throws {
    try await tmux("resize-window", "-t", "0", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// How a terminal can be lost.
  enum Loss: CaseIterable {
    /// The terminal program ends.
    case server
    /// Its window is closed.
    case pane
    /// The shell dies without a word.
    case shell
  }

  func lose(_ loss: Loss) async throws {
    switch loss {
    case .server: try await tmux("kill-server")
    case .pane: try await tmux("kill-pane", "-t", "0")
    case .shell: kill(try await shell(), SIGKILL)
    }
  }

  private func shell() async throws -> pid_t {
    let text = try await tmux("display-message", "-p", "-t", "0", "#{pane_pid}")
    guard let shell = pid_t(text.trimmed) else { throw Failure(description: "no shell: \(text)") }
    return shell
  }

  /// A program has asked the terminal for its mouse.
  var isMouseTaken: Bool {
    get async throws {
      try await tmux("display-message", "-p", "-t", "0", "#{mouse_any_flag}") == "1\n"
    }
  }

  /// Clicks on a text of the screen, as a terminal reports it.
  func click(on text: String) async throws {
    let lines = try await waitFor(text).split(separator: "\n", omittingEmptySubsequences: false)
    for (row, line) in lines.enumerated() {
      guard let place = line.ranges(of: text).last else { continue }
      let column = line.distance(from: line.startIndex, to: place.lowerBound)
      let report = "\u{1B}[<0;\(column + 1);\(row + 1)"
      return try await type(report + "M" + report + "m")
    }
  }

  /// What is on the screen, a line each.
  func screen() async throws -> String { try await tmux("capture-pane", "-p", "-t", "0") }

  var isOnAlternateScreen: Bool {
    get async throws {
      try await tmux("display-message", "-p", "-t", "0", "#{alternate_on}") == "1\n"
    }
  }

  /// Waits until the screen is as wanted, and gives it.
  @discardableResult
  func waitUntil(
    _ what: String, _ condition: (String) async throws -> Bool
  ) async throws -> String {
    let end = Date(timeIntervalSinceNow: Self.limitSeconds)
    var screen = ""
    while Date() < end {
      screen = try await self.screen()
      if try await condition(screen) { return screen }
    }
    throw Failure(description: "not seen: \(what)\n\(screen)")
  }

  @discardableResult
  func waitFor(_ text: String) async throws -> String {
    try await waitUntil(text) { $0.contains(text) }
  }

  /// Waits until the dashboard is on the screen.
  func waitForDashboard() async throws {
    // The shell's own line names the program too, but not what it may do.
    try await waitUntil("the dashboard") {
      guard $0.contains("[RW]") || $0.contains("[RO]") else { return false }
      return try await isOnAlternateScreen
    }
  }

  /// The process that the shell runs.
  func program() async throws -> pid_t {
    let shell = try await shell()
    let children = try await Program.run("/usr/bin/env", ["pgrep", "-P", "\(shell)", "aostop"])
    guard let child = pid_t(children.output.trimmed) else {
      throw Failure(description: "aostop does not run")
    }
    return child
  }

  /// The terminal is as it was before the start, and the status was said.
  func expectOrder(status: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await waitFor("[status \(status)]")
    try await type("stty -a >after; echo \"[looked $?]\"")
    try await press("Enter")
    try await waitFor("[looked 0]")
    let before = try modes("before")
    let after = try modes("after")
    #expect(before == after, sourceLocation: sourceLocation)
    let isOnAlternateScreen = try await isOnAlternateScreen
    #expect(!isOnAlternateScreen, sourceLocation: sourceLocation)
  }

  /// What `stty -a` said, but for the size: that is the window's own, and tmux lets it follow late.
  private func modes(_ file: String) throws -> [Substring] {
    let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    return text.split(separator: ";").filter { !$0.contains("rows") && !$0.contains("columns") }
  }

  private var environment: [String: String] {
    [
      "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "ESCDELAY": "25",
      "TERM": "xterm-256color", "SWIFT_BACKTRACE": "enable=no",
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "TMPDIR": folder.path, "HOME": folder.path,
    ]
  }

  @discardableResult
  private func tmux(_ arguments: String...) async throws -> String { try await tmux(arguments) }

  @discardableResult
  private func tmux(_ arguments: [String]) async throws -> String {
    let result = try await Program.run(
      "/usr/bin/env", ["tmux", "-L", socket] + arguments,
      environment: environment)
    guard result.status == 0 else {
      throw Failure(description: "tmux \(arguments): \(result.error)")
    }
    return result.output
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
