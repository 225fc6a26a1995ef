import CellGrid
import Foundation
import Testing

@testable import TerminalScreen

/// A terminal that nobody reads from takes some thousand bytes, and then no more.
@Suite("A terminal that takes nothing for a while")
struct SlowLineTests {
  /// Another picture in every cell.
  private static func picture(_ number: Int, _ size: Size) -> Grid {
    var grid = Grid(size: size)
    let letter = String(UnicodeScalar(UInt8(97 + number % 26)))
    for row in 0..<size.rows {
      grid.put(String(repeating: letter, count: size.columns), row: row, column: 0)
    }
    return grid
  }

  @Test("a signal that ends a program ends it all the same")
  func deadly() async {
    await #expect(processExitsWith: .signal(SIGUSR1)) {
      _ = try Terminal(type: "xterm", rows: 24, columns: 80)
      Signals.setDefault(SIGUSR1)
      var screen = try TerminalScreen()
      for number in 0..<2_000 where screen.nextFrameAt(0) != nil {
        screen.show(SlowLineTests.picture(number, screen.size))
      }
      kill(getpid(), SIGUSR1)
      while !screen.wait(for: [], milliseconds: nil).mustEnd {}
    }
  }

  @Test("no picture waits for it: what it does not take waits, and keys are read meanwhile")
  func behind() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm", rows: 24, columns: 80)
      var screen = try TerminalScreen()
      // It takes no more than this many pictures, however much a terminal keeps.
      for number in 0..<2_000 where screen.nextFrameAt(0) != nil {
        screen.show(SlowLineTests.picture(number, screen.size))
      }
      #expect(screen.nextFrameAt(0) == nil)
      terminal.type("k")
      #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
      #expect(screen.keys() == [.character("k")])
      // What leaving sends is waited for, and taken.
      _ = terminal.output()
    }
  }

  @Test("when it takes more, what waited comes whole, and the newest picture after it")
  func goesOn() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm", rows: 24, columns: 80)
      var screen = try TerminalScreen()
      for number in 0..<2_000 where screen.nextFrameAt(0) != nil {
        screen.show(SlowLineTests.picture(number, screen.size))
      }
      var output = terminal.output()
      while screen.nextFrameAt(0) == nil {
        #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
        output += terminal.output()
      }
      var grid = Grid(size: screen.size)
      grid.put("the newest", row: 0, column: 0)
      screen.show(grid)
      output += terminal.output()
      #expect(output.contains("the newest"))
    }
  }

  @Test("leaving gives it back although it has not taken all, once it is read from")
  func leaves() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm", rows: 24, columns: 80)
      do {
        var screen = try TerminalScreen()
        for number in 0..<2_000 where screen.nextFrameAt(0) != nil {
          screen.show(SlowLineTests.picture(number, screen.size))
        }
        _ = terminal.output()
      }
      #expect(terminal.isCooked)
      #expect(terminal.output().contains("\u{1B}[?1049l"))
    }
  }
}
