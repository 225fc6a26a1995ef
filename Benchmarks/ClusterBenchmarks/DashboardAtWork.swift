internal import RealPrograms

/// aostop while a cluster changes: processor, memory, and what it writes to the terminal.
enum DashboardAtWork {
  private struct Load {
    let instances: Int
    let changesPerSecond: Int
    /// Of HATop's processor time for a picture.
    let bar: Double
    let barText: String
  }

  private static let rounds = 5
  private static let seconds = 2.0

  private static let loads = [
    Load(instances: 20, changesPerSecond: 10, bar: 0.25, barText: "a quarter"),
    Load(instances: 1_000, changesPerSecond: 1_000, bar: 1.0 / 3, barText: "a third"),
  ]

  /// What one dashboard took, in rounds.
  private struct Cost {
    /// Percent of a core.
    var share = Rounds()
    /// Milliseconds of processor time.
    var picture = Rounds()
    var memory = Rounds()

    mutating func add(
      _ meter: Meter, since before: Meter.Reading, pictures: (_ seconds: Double) -> Double
    ) {
      let after = meter.read()
      let spent = Double(after.processorNanoseconds - before.processorNanoseconds) / 1e6
      share.add(after.percent(since: before))
      picture.add(spent / max(pictures(Double(after.at - before.at) / 1e9), 1))
      memory.add(meter.residentMebibytes)
    }
  }

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
    var (ours, theirs) = (Cost(), Cost())
    var frames: [[TerminalProgram.Frame]] = []
    for round in 0..<rounds {
      aostop.forgetFrames()
      let before = programs.map { $0.meter.read() }
      cluster.change(
        perSecond: load.changesPerSecond, seconds: seconds,
        startingAt: 10_000 + round * 10_000, attend: attend)
      ours.add(aostop.meter, since: before[0]) { _ in Double(aostop.frames.count) }
      // It draws one picture a second.
      if let hatop { theirs.add(hatop.meter, since: before[1]) { $0 } }
      frames.append(aostop.frames)
    }
    let what =
      "\(load.instances.grouped) instances, \(load.changesPerSecond.grouped) changes a second"
    return [
      figure(
        "\(what): processor time for a picture", " ms", decimals: 2, ours.picture, theirs.picture,
        bar: load.bar, load.barText),
      figure(
        "\(what): processor in total", " % of a core", decimals: 2, ours.share, theirs.share,
        bar: 1, "1, at one poll a second"),
      bytes(frames, what),
      figure(
        "\(load.instances.grouped) instances: resident memory of the dashboard", " MiB",
        decimals: 1, ours.memory, theirs.memory, bar: 1, "1"),
    ]
  }

  private static func figure(
    _ what: String, _ unit: String, decimals: Int, _ ours: Rounds, _ theirs: Rounds,
    bar: Double, _ barText: String
  ) -> Figure {
    let text = ours.text(unit, decimals: decimals)
    guard !theirs.values.isEmpty else {
      return Figure(what: what, ours: text, peer: "HATop is not installed")
    }
    let ratio = ours.median / max(theirs.median, 0.001)
    return Figure(
      what: what, ours: text, peer: "HATop \(theirs.text(unit, decimals: decimals))",
      bar: "\(ratio.text(2)) of HATop (≤ \(barText))", verdict: .init(ratio <= bar))
  }

  private static func bytes(_ frames: [[TerminalProgram.Frame]], _ what: String) -> Figure {
    func each(_ bytes: (TerminalProgram.Frame) -> Int) -> Rounds {
      Rounds(
        frames.map { frames in
          Double(frames.reduce(0) { $0 + bytes($1) }) / Double(max(frames.count, 1))
        })
    }
    let (written, reference) = (each(\.bytes), each(\.reference))
    let ratio = written.median / max(reference.median, 1)
    let count = frames.reduce(0) { $0 + $1.count }
    return Figure(
      what: "\(what): terminal bytes",
      ours: "\(written.text(" bytes a frame", decimals: 0)), \(count) frames",
      peer: "reference encoder \(reference.text(" bytes", decimals: 0))",
      bar: "\(ratio.text(2)) of it (≤ 1.2)", verdict: .init(count > 0 && ratio <= 1.2))
  }
}
