internal import Glibc
internal import RealPrograms

/// Instructions of the balancer's hot pieces, counted by callgrind. They hardly change with what
/// else the machine does, so that a regression shows on a noisy one, and the run fails.
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
    var figures: [Figure] = []
    for piece in try pieces(in: cluster.folder) {
      let count = try counted.count(cluster.balancer) { try piece.work(cluster) }
      figures.append(
        Figure(
          what: piece.what, ours: "\(count.grouped) instructions",
          bar: "≤ \(piece.bound.grouped)", verdict: .init(count <= piece.bound)))
    }
    return figures
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

/// Programs of which `aosd` runs under callgrind.
private final class CountedPrograms {
  let programs: Programs
  private let folder: ScratchFolder
  private let control: String

  /// - Returns: Nil where valgrind is not installed.
  init?(_ programs: Programs, in folder: ScratchFolder) throws {
    guard let valgrind = Peers.path(of: "valgrind"),
      let control = Peers.path(of: "callgrind_control"), let strip = Peers.path(of: "strip")
    else { return nil }
    (self.folder, self.control) = (folder, control)
    // Valgrind cannot read the debugging information that this compiler writes.
    let plain = folder.path("aosd.plain")
    _ = try Child(strip, ["--strip-debug", "-o", plain, programs.aosd], in: folder).rest()
    self.programs = Programs(folder: folder.root)
    let script = """
      #!/bin/sh
      exec \(valgrind) --tool=callgrind --callgrind-out-file=\(folder.path("count")) \(plain) "$@"

      """
    try FileText.write(script, to: self.programs.aosd)
    guard chmod(self.programs.aosd, 0o700) == 0 else {
      throw ProgramFailure(self.programs.aosd, errno)
    }
  }

  /// Counts what a process does meanwhile.
  ///
  /// - Parameter work: Says how many pieces it did.
  /// - Returns: Instructions for each.
  func count(_ child: Child, _ work: () throws -> Int) throws -> Int {
    _ = try Child(control, ["-z", "\(child.id)"], in: folder).rest()
    let done = try work()
    let before = Set(dumps)
    _ = try Child(control, ["-d", "\(child.id)"], in: folder).rest()
    for _ in 0..<500 {
      let new = dumps.first { !before.contains($0) }
      let text = new.map { FileText.read(folder.path($0)) } ?? ""
      // The last line of a dump that is complete.
      if let total = FileText.number(after: "\ntotals:", in: text) { return total / max(done, 1) }
      SteadyClock.wait(seconds: 0.02)
    }
    throw ProgramFailure("callgrind has written no counts")
  }

  private var dumps: [String] { Folder.names(folder.root).filter { $0.hasPrefix("count.") } }
}
