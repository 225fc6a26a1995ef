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
    "a crash gives the terminal back, and so does any other signal that ends it",
    arguments: [
      SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGQUIT, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT,
      34, 64,
    ])
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

  @Test(
    "stopped by Ctrl-Z or from outside, it ends by kill %1, and leaves the terminal to the shell",
    arguments: [SIGTSTP, SIGSTOP])
  func endsInTheBackground(signal: Int32) async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    let program = try await session.program()
    kill(program, signal)
    try await session.waitUntil("the shell") { $0.contains("Stopped") }
    // The shell sends SIGTERM, and then SIGCONT: nobody gives the terminal back.
    try await session.type("clear; stty -a >stopped; kill %1")
    try await session.press("Enter")
    try await Program.waitForEnd(of: program)
    try await session.type("clear; stty -a >after; echo all is over")
    try await session.press("Enter")
    try await session.waitUntil("the shell") { $0.split(separator: "\n").contains("all is over") }
    let modes = try ["stopped", "after"].map {
      try String(contentsOf: session.folder.appending(path: $0), encoding: .utf8)
    }
    #expect(modes[0] == modes[1])
  }

  @Test("it works in every size, the smallest too, and never ends for it")
  func resizes() async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    for (columns, rows) in [(20, 5), (2, 2), (1, 1), (40, 10), (200, 60), (80, 24), (120, 40)] {
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
    try await session.expectOrder(status: 0)
  }

  @Test(
    "it ends with its terminal, and leaves no process behind",
    arguments: TerminalSession.Loss.allCases)
  func terminalLost(loss: TerminalSession.Loss) async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    let program = try await session.program()
    try await session.lose(loss)
    try await Program.waitForEnd(of: program)
  }

  @Test("the mouse is taken where it is asked for, and given back by a quit, a stop and a crash")
  func mouse() async throws {
    let session = try await TerminalSession()
    try await session.start()
    try await session.waitForDashboard()
    #expect(try await !session.isMouseTaken)
    try await session.press("q")
    try await session.expectOrder(status: 0)
    try await session.type("clear")
    try await session.press("Enter")
    try await session.start("--mouse unix:///nobody")
    try await session.waitForDashboard()
    #expect(try await session.isMouseTaken)
    try await session.press("C-z")
    try await session.waitUntil("the shell, with its mouse") {
      guard $0.contains("Stopped") else { return false }
      return try await !session.isMouseTaken
    }
    try await session.type("clear; fg")
    try await session.press("Enter")
    try await session.waitUntil("the mouse again") { _ in try await session.isMouseTaken }
    try await session.click(on: "Help")
    try await session.waitFor("Help: the pane of instances")
    kill(try await session.program(), SIGSEGV)
    try await session.waitUntil("the shell") { _ in try await !session.isOnAlternateScreen }
    #expect(try await !session.isMouseTaken)
  }

  @Test(
    "every kind of terminal is served and given back",
    arguments: ["xterm-256color", "xterm", "screen", "tmux-256color", "linux", "vt100", "vt220"])
  func terminals(type: String) async throws {
    let session = try await TerminalSession(columns: 80, rows: 24)
    try await session.start(environment: "TERM=\(type)")
    try await session.waitUntil("the dashboard") {
      $0.contains("[RO]") && $0.contains("no connection")
    }
    try await session.press("?")
    try await session.waitFor("Help: the pane of instances")
    try await session.press("Escape")
    try await session.waitFor("No balancer answers")
    try await session.press("q")
    let lines = try await session.waitFor("[status 0]").split(separator: "\n")
    // Where the picture stays on the screen the shell does not write into it.
    #expect(lines.contains("[status 0]"))
    try await session.expectOrder(status: 0)
  }

  @Test("a crash leaves the shell an empty line as well, where the picture stays")
  func crashOnOneScreen() async throws {
    let session = try await TerminalSession(columns: 80, rows: 24)
    try await session.start(environment: "TERM=vt100")
    try await session.waitUntil("the dashboard") {
      $0.contains("[RO]") && $0.contains("no connection")
    }
    kill(try await session.program(), SIGSEGV)
    let lines = try await session.waitFor("[status 139]").split(separator: "\n")
    #expect(lines.contains { $0.contains("Segmentation fault") && !$0.contains("Help") })
    try await session.expectOrder(status: 139)
  }

  @Test("a terminal that this machine does not know is served as the nearest one, and it says so")
  func unknownTerminal() async throws {
    let session = try await TerminalSession(columns: 80, rows: 24)
    try await session.start(environment: "TERM=xterm-nobody TERMINFO=$PWD")
    try await session.waitFor("TERM=xterm-nobody is not known here; it is taken for xterm-256color")
    try await session.press("q")
    try await session.expectOrder(status: 0)
  }

  @Test("a terminal that cannot show a screen gets a reason")
  func noScreen() async throws {
    let session = try await TerminalSession()
    try await session.type("TERM=dumb \(Program.path("aostop")); echo \"[status $?]\"")
    try await session.press("Enter")
    let screen = try await session.waitFor("[status 1]")
    #expect(screen.contains(#"aostop: no screen: TERM is "dumb", a terminal for text alone"#))
    try await session.type("clear; TERM= \(Program.path("aostop")); echo \"[status $?]\"")
    try await session.press("Enter")
    try await session.waitFor("aostop: no screen: TERM is not set")
  }
}
