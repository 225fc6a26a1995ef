import ClusterModel
import Foundation
import RealPrograms
import ScriptedServer
import TestSupport
import Testing

/// The dashboard over a slow line, while everything on it changes ten times a second.
///
/// The line carries its bytes in tenths of a second, and with each tenth comes a change of the
/// cluster. What is judged are bytes: on a busy machine the line is slower, and so is the cluster.
@Suite("aostop on a slow line", .timeLimit(.minutes(3)))
struct AOSTopSlowLineTests {
  private static let names = (100..<300).map { "AOS\($0)" }

  private static func load(_ place: Int, _ step: Int) -> Load {
    Load(connected: (place * 37 + step * 23) % 61, maximum: 60)
  }

  /// All loads are others: with the order by load so is every row on the screen.
  private static func change(_ step: Int) throws -> ClusterChange {
    var change = ClusterChange(
      sequence: Int64(step) + 1, at: Sample.time.adding(milliseconds: Int64(step) * 100))
    change.loads = try names.enumerated().map { place, name in
      LoadChange(id: try InstanceID(name), load: load(place, step))
    }
    return change
  }

  /// A line with aostop at one end and the terminal at the other.
  private final class Line {
    let bytesPerSecond: Int
    /// What the program has written and the terminal has not taken waits in the kernel.
    private let terminal: PseudoTerminal
    private let folder: ScratchFolder
    private let program: Child
    private let changes: AsyncStream<ClusterChange>.Continuation
    private(set) var steps = 0
    /// All that the terminal has taken.
    private(set) var output: [UInt8] = []

    init(
      _ bytesPerSecond: Int, _ address: Address,
      _ changes: AsyncStream<ClusterChange>.Continuation
    ) throws {
      self.bytesPerSecond = bytesPerSecond
      self.changes = changes
      terminal = try PseudoTerminal(columns: 80, rows: 24)
      folder = try ScratchFolder()
      program = try Child(
        Program.path("aostop"), ["http://\(address)", "--sort", "load"], in: folder,
        // WezTerm marks the beginning and the end of each picture.
        terminal: terminal, variables: ["TERM_PROGRAM=WezTerm"])
    }

    /// A tenth of a second.
    func pass() async throws {
      try await passATenthOfASecond()
      steps += 1
      changes.yield(try AOSTopSlowLineTests.change(steps))
      output += terminal.read(atMost: bytesPerSecond / 10)
    }

    /// Until this many bytes have come through.
    func carry(_ count: Int) async throws {
      let end = output.count + count
      while output.count < end { try await pass() }
    }

    /// How many bytes come from a key until the picture with its answer is whole.
    func bytes(from key: String, to answer: String) async throws -> Int {
      let start = output.count
      terminal.type(key)
      let wanted = Array(answer.utf8)
      while true {
        try await pass()
        if let place = output[start...].firstRange(of: wanted),
          let end = output[place.upperBound...].firstRange(of: Array("\u{1B}[?2026l".utf8))
        {
          return end.upperBound - start
        }
        guard output.count - start < 10 * bytesPerSecond else { return .max }
      }
    }

    /// Pictures that were begun.
    var pictures: Int { output.ranges(of: Array("\u{1B}[?2026h".utf8)).count }

    /// Stops the program in its tracks, and gives all that waits.
    func freeze() -> [UInt8] {
      program.freeze()
      return terminal.read()
    }
  }

  private static func withLine(
    _ bytesPerSecond: Int, _ test: @Sendable (Line) async throws -> Void
  ) async throws {
    let (stream, changes) = AsyncStream.makeStream(of: ClusterChange.self)
    let snapshot = try Sample.snapshot(
      names.enumerated().map { place, name in
        let load = load(place, 0)
        return try Sample.instance(name, connected: load.connected, maximum: load.maximum)
      })
    try await ScriptedServer.run { request, reply in
      guard request.path.hasPrefix("/v1/feed") else {
        return try await reply.answer([], status: 404)
      }
      try await reply.beginStream()
      try await reply.event("snapshot", id: "e-1", snapshot)
      for await change in stream {
        try await reply.event("change", id: "e-\(change.sequence)", change)
      }
    } _: { server in
      try await test(Line(bytesPerSecond, server.address, changes))
      changes.finish()
    }
  }

  @Test("at 9,600 bytes a second under load a key is answered within a second of the line")
  func answers() async throws {
    try await Self.withLine(9_600) { line in
      // What the kernel keeps is full by then, and the line is known to be slow.
      try await line.carry(40_000)
      for _ in 1...4 {
        let help = try await line.bytes(from: "?", to: "cursor")
        #expect(help <= 9_600)
        let back = try await line.bytes(from: "\u{1B}", to: "LICENSE")
        #expect(back <= 9_600)
      }
    }
  }

  @Test("at 2,400 bytes a second the line holds few bytes, for pictures are skipped")
  func skips() async throws {
    try await Self.withLine(2_400) { line in
      try await line.carry(36_000)
      let (pictures, steps) = (line.pictures, line.steps)
      try await line.carry(12_000)
      // Of ten changes a second as many are seen as the line carries, and at last the newest.
      #expect(line.pictures > pictures)
      #expect(line.pictures - pictures < (line.steps - steps) / 2)
      #expect(line.freeze().count <= 4_800)
    }
  }
}
