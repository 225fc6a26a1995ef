import Foundation
import Testing

/// What comes from the terminal, on a real cluster: only keys that a person pressed change it.
@Suite("aostop takes keys, and nothing else for keys", .serialized)
struct AOSTopInputTests {
  /// The dashboard with one server under the cursor.
  private func demo() async throws -> TerminalSession {
    let session = try await TerminalSession()
    try await session.start("--demo")
    try await session.waitUntil("instances that accept") { $0.contains("AOS01") }
    try await session.type("/AOS02")
    try await session.press("Enter")
    try await session.waitUntil("the filter") { $0.contains("1 of 9") }
    return session
  }

  private func ask(_ session: TerminalSession) async throws {
    try await session.press("D")
    try await session.waitFor("stay in the list")
  }

  @Test("a paste does nothing outside of a text field, and is text inside one")
  func paste() async throws {
    let session = try await demo()
    try await session.paste("Dy\nDy\n")
    try await session.waitFor("paste ignored: no text field is being filled in")
    #expect(try await !session.screen().contains("Cancel"))
    try await ask(session)
    try await session.paste("y\n")
    // Behind the two buttons.
    for _ in 0..<2 { try await session.press("Tab") }
    try await session.waitUntil("the reason in focus") { $0.contains("▸Reason") }
    try await session.paste("kernel\ny\n")
    try await session.waitFor("[kernel y▏")
    try await session.press("Escape")
    let screen = try await session.waitFor("Drain cancelled")
    #expect(!screen.contains("draining"))
    try await session.press("q")
    try await session.expectOrder(status: 0)
  }

  @Test("a paste that the terminal does not mark confirms nothing")
  func unmarked() async throws {
    let session = try await demo()
    try await ask(session)
    try await session.paste("\ty\n", isMarked: false)
    try await session.waitUntil("an answer") {
      $0.contains("several keys came at once") || $0.contains("cancelled")
    }
    try await session.press("Escape")
    try await session.waitUntil("no dialog") { !$0.contains("[ Drain ]") }
    #expect(try await !session.screen().contains("draining"))
  }

  @Test("a letter that is not an answer cancels the question")
  func letter() async throws {
    let session = try await demo()
    try await ask(session)
    try await session.press("x")
    let screen = try await session.waitFor("Drain cancelled: x is not an answer")
    #expect(!screen.contains("draining"))
  }

  @Test("below the smallest size the question that is open cannot be answered")
  func tooSmall() async throws {
    let session = try await demo()
    try await ask(session)
    try await session.resize(columns: 30, rows: 5)
    try await session.waitFor("aostop needs 40x8")
    for key in ["y", "Enter", "x"] { try await session.press(key) }
    try await session.resize(columns: 120, rows: 40)
    try await session.waitUntil("the question is there again") {
      $0.contains("stay in the list") && $0.contains("▸Cancel◂")
    }
    #expect(try await !session.screen().contains("draining"))
    try await session.resize(columns: 30, rows: 5)
    try await session.waitFor("aostop needs 40x8")
    try await session.press("q")
    try await session.waitUntil("the shell") { _ in try await !session.isOnAlternateScreen }
  }

  @Test("no sequence of a key that nobody knows opens a question")
  func sequences() async throws {
    let session = try await demo()
    for text in [
      "\u{1B}O5D", "\u{1B}D", "\u{1B}[27;5;68~", "\u{1B}]11;rgb:D/E/X\u{7}", "\u{1B}[68;5u",
    ] {
      try await session.type(text)
    }
    try await session.press("?")
    try await session.waitFor("Help: the pane of instances")
    try await session.press("Escape")
    #expect(try await !session.waitFor("AOS02").contains("Cancel"))
  }

  @Test(
    "a locale that is not installed and names UTF-8 gets frames and bars",
    arguments: [
      "LC_ALL=de_XX.UTF-8", "LC_ALL= LC_CTYPE=UTF-8", "LC_ALL= LC_CTYPE= LANG=xx_YY.utf8",
    ])
  func locale(environment: String) async throws {
    let session = try await TerminalSession()
    try await session.start(environment: environment)
    try await session.waitForDashboard()
    try await session.press("?")
    let screen = try await session.waitFor("Help: the pane of instances")
    #expect(screen.contains("─"))
  }
}
