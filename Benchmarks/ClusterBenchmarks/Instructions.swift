internal import Glibc
internal import RealPrograms

/// Instructions of the hot pieces of balancer and dashboard, counted by callgrind. Other work of
/// the machine hardly changes them, so a regression shows even on a busy machine: the run fails.
enum Instructions {
  private static let instances = 100

  private struct Piece {
    var what: String
    /// Most instructions of one.
    var bound: Int
    /// - Returns: How many it did.
    var work: (TestCluster) throws -> Int
  }

  static func run(_ programs: Programs) throws -> [Figure] {
    let folder = try ScratchFolder()
    guard let counted = try CountedPrograms(programs, in: folder) else {
      return [Figure(what: "instructions", ours: "–", peer: "valgrind is not installed")]
    }
    let cluster = try TestCluster(counted.programs)
    try cluster.grow(to: instances)
    try cluster.waitUntilTold(atMostSeconds: 60)
    var figures: [Figure] = []
    for piece in try pieces(in: cluster.folder) {
      let count = try counted.count(cluster.balancer) { try piece.work(cluster) }
      figures.append(
        Figure(
          what: piece.what, ours: "\(count.grouped) instructions",
          bar: "≤ \(piece.bound.grouped)", verdict: .init(count <= piece.bound)))
    }
    return figures + [try firstServers(programs), try picture(programs)].compactMap(\.self)
  }

  /// What the dashboard does for a picture, from the bytes of the feed to those of the terminal,
  /// while a cluster of 20 instances changes ten times a second.
  private static func picture(_ programs: Programs) throws -> Figure? {
    let folder = try ScratchFolder()
    guard let counted = try CountedPrograms(programs, of: \.aostop, in: folder) else { return nil }
    let cluster = try TestCluster(programs)
    try cluster.grow(to: 20)
    let aostop = try TerminalProgram(counted.programs.aostop, [cluster.endpoint()], in: folder)
    guard aostop.wait(until: { $0.text.contains("AOS0019") }) != nil else {
      throw ProgramFailure("aostop does not show the cluster:\n\(aostop.screen.text)")
    }
    func change(_ first: Int, seconds: Double) {
      cluster.change(
        perSecond: 10, seconds: seconds, startingAt: first,
        attend: { TerminalProgram.attend([aostop], seconds: $0) })
    }
    change(1_000, seconds: 2)
    let bound = 4_000_000
    let count = try counted.count(aostop.child) {
      aostop.forgetFrames()
      change(2_000, seconds: 5)
      return aostop.frames.count
    }
    return Figure(
      what: "a picture of 20 instances, ten changes a second",
      ours: "\(count.grouped) instructions",
      bar: "≤ \(bound.grouped)", verdict: .init(count <= bound))
  }

  /// What a handshake for 16 servers costs with ten times as many instances. Only what happens
  /// between its request and its answer is counted, or a thousand heartbeats would count as well.
  private static func firstServers(_ programs: Programs) throws -> Figure? {
    let folder = try ScratchFolder()
    let door = "*9FrontDoorC11channelRead*"
    guard let counted = try CountedPrograms(programs, in: folder, only: door),
      let wrk = try Wrk(in: folder, limit: 16)
    else { return nil }
    let cluster = try TestCluster(counted.programs)
    let counts = try [instances, 10 * instances].map { size in
      try cluster.grow(to: size)
      return try counted.count(cluster.balancer) {
        try wrk.run("\(cluster.balancers[0].address)", seconds: 4).requests
      }
    }
    let ratio = Double(counts[1]) / Double(max(counts[0], 1))
    return Figure(
      what: "a handshake for 16 of \((10 * instances).grouped) instances, at its route",
      ours: "\(counts[1].grouped) instructions",
      peer: "of \(instances): \(counts[0].grouped)",
      bar: "\(ratio.text(2)) of it (≤ 1.3)", verdict: .init(counts[0] > 0 && ratio <= 1.3))
  }

  private static func pieces(in folder: ScratchFolder) throws -> [Piece] {
    var pieces = [
      Piece(what: "a second of \(instances) idle instances", bound: 5_000_000) { _ in
        SteadyClock.wait(seconds: 5)
        return 5
      },
      Piece(what: "a change of load among \(instances) instances", bound: 300_000) { cluster in
        cluster.change(perSecond: 200, seconds: 4)
      },
    ]
    for (limit, bound) in [(nil, 160_000), (16, 160_000)] as [(Int?, Int)] {
      guard let wrk = try Wrk(in: folder, limit: limit) else { continue }
      let what = "a handshake for \(limit.map { "\($0) of " } ?? "")\(instances) instances"
      pieces.append(
        Piece(what: what, bound: bound) { cluster in
          let place = "\(cluster.balancers[0].address)"
          return try wrk.run(place, seconds: 4).requests
        })
    }
    return pieces
  }
}

/// Programs of which one runs under callgrind.
private final class CountedPrograms {
  let programs: Programs
  private let folder: ScratchFolder
  private let control: String

  /// - Parameters:
  ///   - program: The program whose instructions valgrind counts.
  ///   - function: Counts only inside of functions of this name; nil: everywhere.
  /// - Returns: Nil where valgrind is not installed.
  init?(
    _ programs: Programs, of program: KeyPath<Programs, String> = \.aosd, in folder: ScratchFolder,
    only function: String? = nil
  ) throws {
    guard let valgrind = Peers.path(of: "valgrind"),
      let control = Peers.path(of: "callgrind_control"), let strip = Peers.path(of: "strip")
    else { return nil }
    (self.folder, self.control) = (folder, control)
    // Valgrind cannot read the debugging information that this compiler writes.
    let plain = folder.path("program.plain")
    _ = try Child(strip, ["--strip-debug", "-o", plain, programs[keyPath: program]], in: folder)
      .rest()
    self.programs = Programs(folder: folder.root)
    let script = """
      #!/bin/sh
      exec \(valgrind) --tool=callgrind --callgrind-out-file=\(folder.path("count")) \
        --instr-atstart=no \(function.map { "'--toggle-collect=\($0)'" } ?? "") \(plain) "$@"

      """
    let path = self.programs[keyPath: program]
    try FileText.write(script, to: path)
    guard chmod(path, 0o700) == 0 else { throw ProgramFailure(path, errno) }
  }

  /// Counts what a process does meanwhile.
  ///
  /// - Parameter work: Says how many pieces it did.
  /// - Returns: Instructions for each.
  func count(_ child: Child, _ work: () throws -> Int) throws -> Int {
    try tell(child, "-i", "on")
    try tell(child, "-z")
    let done = try work()
    let before = Set(dumps)
    try tell(child, "-d")
    defer { try? tell(child, "-i", "off") }
    for _ in 0..<500 {
      let new = dumps.first { !before.contains($0) }
      let text = new.map { FileText.read(folder.path($0)) } ?? ""
      // The last line of a dump that is complete.
      if let total = FileText.number(after: "\ntotals:", in: text) { return total / max(done, 1) }
      SteadyClock.wait(seconds: 0.02)
    }
    throw ProgramFailure("callgrind has written no counts")
  }

  private func tell(_ child: Child, _ words: String...) throws {
    _ = try Child(control, words + ["\(child.id)"], in: folder).rest()
  }

  private var dumps: [String] { Folder.names(folder.root).filter { $0.hasPrefix("count.") } }
}
