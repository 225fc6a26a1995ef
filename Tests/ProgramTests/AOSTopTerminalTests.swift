import Foundation
import Testing

/// The dashboard in a real terminal: however it ends, the terminal is as before.
@Suite("aostop in a terminal")
struct AOSTopTerminalTests {
  @Test("every key that quits gives the terminal back", arguments: ["q", "C-c", "F10"])
  func quits(key: String) async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    try await session.press(key)
    try await session.expectOrder(status: 0)
  }

  @Test(
    "a signal that asks for the end is an orderly one", arguments: [SIGTERM, SIGHUP, SIGINT])
  func endSignals(signal: Int32) async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    kill(try await session.program(), signal)
    try await session.expectOrder(status: 0)
  }

  @Test(
    "a crash gives the terminal back", arguments: [SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGQUIT])
  func crashes(signal: Int32) async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    kill(try await session.program(), signal)
    try await session.expectOrder(status: 128 + Int(signal))
  }

  @Test("Ctrl-Z gives the terminal to the shell, fg takes the picture up again")
  func suspends() async throws {
    let session = try await TerminalSession()
    try await session.start()
    for _ in 1...2 {
      try await session.waitForDashboard()
      try await session.press("C-z")
      try await session.waitUntil("the shell") {
        try await !session.isOnAlternateScreen && $0.contains("Stopped")
      }
      try await session.type("clear; fg")
      try await session.press("Enter")
    }
    try await session.waitForDashboard()
    try await session.press("q")
    try await session.waitUntil("the shell") { _ in try await !session.isOnAlternateScreen }
  }

  @Test("SIGTSTP from outside stops it as Ctrl-Z does")
  func suspendsBySignal() async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    kill(try await session.program(), SIGTSTP)
    try await session.waitUntil("the shell") {
      try await !session.isOnAlternateScreen && $0.contains("Stopped")
    }
    try await session.type("clear; fg")
    try await session.press("Enter")
    try await session.waitForDashboard()
  }

  @Test("it works in every size, the smallest too, and never ends for it")
  func resizes() async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    for (columns, rows) in [(20, 5), (2, 2), (1, 1), (40, 10), (200, 60), (80, 24)] {
      try await session.resize(columns: columns, rows: rows)
      try await session.press("C-l")
      guard rows >= 10 else { continue }
      try await session.waitUntil("the dashboard at \(columns)×\(rows)") { screen in
        let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
        // The keys stand in the last line.
        return lines.count >= rows && lines[rows - 1].contains("q")
      }
    }
    try await session.press("q")
    try await session.waitFor("[status 0]")
  }

  @Test("it ends with its terminal, and leaves no process behind")
  func terminalLost() async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    let program = try await session.program()
    try await session.closeWindow()
    try await Program.waitForEnd(of: program)
  }

  @Test("a terminal that cannot show a screen gets a reason")
  func noScreen() async throws {
    let session = try await TerminalSession()
    try await session.type("TERM=dumb \(Program.path("aostop")); echo \"[status $?]\"")
    try await session.press("Enter")
    let screen = try await session.waitFor("[status 1]")
    #expect(screen.contains("aostop: no screen: the terminal cannot place its cursor"))
  }
}
