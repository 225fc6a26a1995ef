import CellGrid
import Foundation
import Testing

@testable import TerminalScreen

/// Each test runs in a process of its own, and a witness looks at the terminal after its end.
@Suite("However the program dies")
struct DeathTests {
  @Test("what is written to standard error meanwhile is to be read afterwards")
  func heldBack() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      _ = try Terminal(type: "xterm")
      let screen = try TerminalScreen()
      let message = Array("said under the screen\n".utf8)
      _ = write(STDERR_FILENO, message, message.count)
      #expect(screen.size.rows == 5)
    }
    let error = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(error.contains("said under the screen"))
  }

  @Test("a trap leaves its message and a terminal that works")
  func trap() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let terminal = try Terminal(type: "xterm")
      try Witness.start(terminal)
      let screen = try TerminalScreen()
      // Other traps say nothing where the compiler optimizes.
      fatalError("rows: \(screen.size.rows)")
    }
    let error = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(error.contains("rows: 5"))
    #expect(Witness.sawOrder(error))
  }

  @Test("a stack that overflows leaves a terminal that works")
  func overflow() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let terminal = try Terminal(type: "xterm")
      try Witness.start(terminal)
      let screen = try TerminalScreen()
      #expect(Self.descend(screen.size.rows) > 0)
    }
    let error = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(Witness.sawOrder(error))
  }

  @Test("exit() from below leaves a terminal that works")
  func exitBelow() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(7), observing: [\.standardErrorContent]
    ) {
      let terminal = try Terminal(type: "xterm")
      try Witness.start(terminal)
      let screen = try TerminalScreen()
      exit(screen.size.rows == 5 ? 7 : 8)
    }
    let error = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(Witness.sawOrder(error))
  }

  @Test(
    "every signal of the system that ends a program by default gives the terminal back",
    arguments: Signals.deadly)
  func everySignal(signal number: Int32) async throws {
    let result = await #expect(
      processExitsWith: Signals.end(by: number), observing: [\.standardErrorContent]
    ) { [number] in
      let terminal = try Terminal(type: "xterm")
      try Witness.start(terminal)
      Signals.setDefault(number)
      var screen = try TerminalScreen(usesMouse: true)
      screen.show(Grid(size: screen.size))
      kill(getpid(), number)
      while !screen.wait(for: [], milliseconds: nil).mustEnd {}
    }
    let error = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(Witness.sawOrder(error), "\(number)")
  }

  @Test("a timer of the kernel ends the program as any other signal does")
  func kernel() async throws {
    let result = await #expect(
      processExitsWith: .signal(SIGVTALRM), observing: [\.standardErrorContent]
    ) {
      let terminal = try Terminal(type: "xterm")
      try Witness.start(terminal)
      Signals.setDefault(SIGVTALRM)
      let screen = try TerminalScreen()
      var timer = itimerval()
      timer.it_value.tv_usec = 1_000
      setitimer(__itimer_which_t(1), &timer, nil)  // ITIMER_VIRTUAL: the time of this process
      var sum = screen.size.rows
      while true { sum = sum &* 31 &+ 1 }
    }
    let error = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(Witness.sawOrder(error))
  }

  @Test(
    "a signal that is ignored stays ignored, and the screen stays",
    arguments: [SIGXFSZ, SIGUSR1])
  func ignored(number: Int32) async {
    await #expect(processExitsWith: .success) { [number] in
      let terminal = try Terminal(type: "xterm")
      Signals.setDefault(number)
      signal(number, SIG_IGN)
      let screen = try TerminalScreen()
      kill(getpid(), number)
      #expect(!terminal.isCooked)
      #expect(screen.size.rows == 5)
    }
  }

  @inline(never)
  private static func descend(_ depth: Int) -> Int {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 512) { part in
      part[0] = depth
      return descend(depth + 1) + part[0]
    }
  }
}
