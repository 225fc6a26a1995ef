import Testing

@testable import TerminalScreen

/// Everything here happens in time that is counted, not waited for.
@Suite("Pictures on a slow line")
struct LinePaceTests {
  /// A pseudo-terminal whose reader takes this many bytes a second.
  private struct Line {
    let bytesPerSecond: Double
    let depth: Double
    var queued = 0.0
    var now: Int64 = 0

    mutating func pass(_ milliseconds: Int64) {
      now += milliseconds
      queued = max(0, queued - bytesPerSecond * Double(milliseconds) / 1_000)
    }

    mutating func accept(_ count: Int) -> Int {
      let taken = min(count, max(0, Int(depth - queued)))
      queued += Double(taken)
      return taken
    }

    /// How old a picture is when it is seen, in milliseconds.
    var delay: Double { queued * 1_000 / bytesPerSecond }
  }

  /// Draws as the program does: ten pictures a second wanted, each skipped while it may not be
  /// sent. Tells after each picture how long it takes to be seen.
  private static func run(
    _ line: inout Line, seconds: Int, pictureBytes: Int, onPicture: (Line) -> Void
  ) -> LinePace {
    var pace = LinePace()
    var pending = 0
    for step in 0..<seconds * 100 {
      line.pass(10)
      func write() {
        while pending > 0 {
          let taken = line.accept(pending)
          guard taken > 0 else { return pace.blocked(at: line.now) }
          pending -= taken
          pace.took(taken, isAll: pending == 0, at: line.now)
          if pending == 0 { onPicture(line) }
        }
      }
      write()
      guard step % 10 == 0, pending == 0, pace.dueAt(line.now) <= line.now else { continue }
      pending = pictureBytes
      write()
    }
    return pace
  }

  @Test("a line that takes everything makes no picture wait")
  func fast() {
    var line = Line(bytesPerSecond: 1_000_000, depth: 12_288)
    var pictures = 0
    let pace = Self.run(&line, seconds: 60, pictureBytes: 2_000) { _ in pictures += 1 }
    #expect(pictures == 600)
    #expect(pace.rate == nil)
  }

  @Test(
    "at 9,600 bytes a second under load a picture is seen within a second",
    arguments: [600, 1_200, 2_000])
  func within(pictureBytes: Int) {
    var line = Line(bytesPerSecond: 9_600, depth: 12_288)
    var (late, pictures) = (0, 0)
    _ = Self.run(&line, seconds: 60, pictureBytes: pictureBytes) { line in
      pictures += 1
      // The first seconds fill what the terminal keeps, by which the line is known to be slow.
      if line.now > 10_000, line.delay > 1_000 { late += 1 }
    }
    #expect(late == 0)
    #expect(pictures > 60)
  }

  @Test("at 2,400 bytes a second output does not pile up: pictures are skipped")
  func skipped() {
    var line = Line(bytesPerSecond: 2_400, depth: 12_288)
    var (pictures, most) = (0, 0.0)
    _ = Self.run(&line, seconds: 60, pictureBytes: 1_200) { line in
      pictures += 1
      if line.now > 20_000 { most = max(most, line.queued) }
    }
    // Of 600 pictures no more than the line carries, and less than two of them on their way.
    #expect(pictures < 180)
    #expect(pictures > 30)
    #expect(most < 2_400)
  }

  @Test("a line that stood still for minutes makes nobody wait for longer than two seconds")
  func resumed() {
    var pace = LinePace()
    pace.took(12_000, isAll: false, at: 0)
    pace.blocked(at: 0)
    pace.took(300, isAll: true, at: 300_000)
    #expect(pace.dueAt(300_000) > 300_000)
    #expect(pace.dueAt(300_000) <= 302_000)
  }

  @Test("what was known of a line is forgotten after a minute without an incomplete write")
  func forgotten() {
    var pace = LinePace()
    pace.took(12_000, isAll: false, at: 0)
    pace.blocked(at: 0)
    pace.took(1_000, isAll: true, at: 1_000)
    #expect(pace.rate == 1_000)
    pace.took(1, isAll: true, at: 62_000)
    #expect(pace.rate == nil)
    #expect(pace.dueAt(62_000) == 62_000)
  }
}
