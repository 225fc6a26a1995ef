internal import RealPrograms

/// aostop while a cluster changes: processor, memory, and what it writes to the terminal.
enum DashboardAtWork {
  private struct Load {
    let instances: Int
    let changesPerSecond: Int
    let seconds: Double
    /// Of HATop's share of the processor.
    let bar: Double
    let barText: String
  }

  private static let loads = [
    Load(
      instances: 20, changesPerSecond: 10, seconds: 10, bar: 1.0 / 3, barText: "a third of HATop"),
    Load(
      instances: 1_000, changesPerSecond: 1_000, seconds: 10, bar: 1, barText: "HATop"),
  ]

  static func run(_ programs: Programs) throws -> [Figure] {
    try loads.flatMap { try measure($0, programs) }
  }

  private static func measure(_ load: Load, _ programs: Programs) throws -> [Figure] {
    let cluster = try TestCluster(programs)
    try cluster.grow(to: load.instances)
    let peers = try DashboardPeers(programs, cluster, instances: load.instances)
    guard let aostop = try peers.aostop.start(in: cluster.folder) else {
      throw ProgramFailure("aostop is missing")
    }
    let hatop = try peers.hatop.start(in: cluster.folder)
    let programs = [aostop, hatop].compactMap(\.self)
    let attend = { TerminalProgram.attend(programs, seconds: $0) }
    // Both have seen everything once before they are measured.
    cluster.change(
      perSecond: load.changesPerSecond, seconds: 2, startingAt: 1_000, attend: attend)
    var (ours, theirs) = (Rounds(), Rounds())
    aostop.forgetFrames()
    for round in 0..<3 {
      let before = programs.map { $0.meter.read() }
      cluster.change(
        perSecond: load.changesPerSecond, seconds: load.seconds / 3,
        startingAt: 10_000 + round * 10_000, attend: attend)
      let after = programs.map { $0.meter.read() }
      ours.add(after[0].percent(since: before[0]))
      if hatop != nil { theirs.add(after[1].percent(since: before[1])) }
    }
    let what =
      "\(load.instances.grouped) instances, \(load.changesPerSecond.grouped) changes a second"
    let ratio = ours.median / max(theirs.median, 0.001)
    let processor = Figure(
      what: "\(what): processor", ours: ours.text(" % of a core", decimals: 2),
      peer: hatop == nil
        ? "HATop is not installed"
        : "HATop, once a second: \(theirs.text(" %", decimals: 2))",
      bar: hatop == nil ? "–" : "\(ratio.text(2)) of HATop (≤ \(load.barText))",
      verdict: hatop == nil ? .open : .init(ratio <= load.bar))
    return [processor, bytes(aostop, what), memory(aostop, hatop, load)]
  }

  private static func bytes(_ aostop: TerminalProgram, _ what: String) -> Figure {
    let written = aostop.frames.reduce(0) { $0 + $1.bytes }
    let reference = aostop.frames.reduce(0) { $0 + $1.reference }
    let count = Double(max(aostop.frames.count, 1))
    let ratio = Double(written) / Double(max(reference, 1))
    return Figure(
      what: "\(what): terminal bytes",
      ours: "\((Double(written) / count).text(0)) bytes a frame, \(aostop.frames.count) frames",
      peer: "reference encoder \((Double(reference) / count).text(0)) bytes",
      bar: "\(ratio.text(2)) of it (≤ 1.2)",
      verdict: .init(!aostop.frames.isEmpty && ratio <= 1.2))
  }

  private static func memory(
    _ aostop: TerminalProgram, _ hatop: TerminalProgram?, _ load: Load
  ) -> Figure {
    let ours = aostop.meter.residentMebibytes
    let theirs = hatop?.meter.residentMebibytes
    return Figure(
      what: "\(load.instances.grouped) instances: resident memory of the dashboard",
      ours: "\(ours.text(1)) MiB",
      peer: theirs.map { "HATop \($0.text(1)) MiB" } ?? "HATop is not installed",
      bar: theirs.map { "\((ours / max($0, 0.001)).text(2)) of HATop (≤ 1)" } ?? "–",
      verdict: theirs.map { .init(ours <= $0) } ?? .open)
  }
}
