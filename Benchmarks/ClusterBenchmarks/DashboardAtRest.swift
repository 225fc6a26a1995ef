internal import RealPrograms

/// aostop with 20 instances and nothing changing: keys, wake-ups, and how soon it is there.
enum DashboardAtRest {
  private static let instances = 20
  private static let rounds = 5
  private static let wakeUpSeconds = 3.0

  static func run(_ programs: Programs) throws -> [Figure] {
    let cluster = try TestCluster(programs)
    try cluster.grow(to: instances)
    let peers = try DashboardPeers(programs, cluster, instances: instances)
    let sides = [peers.aostop, peers.htop, peers.btop, peers.hatop]
    let running = try sides.map { try $0.start(in: cluster.folder) }
    TerminalProgram.attend(running.compactMap(\.self), seconds: 2)
    return [
      keys(sides, running), wakeUps(sides, running),
    ] + (try starts(sides, cluster.folder))
  }

  // MARK: Keys

  private static func keys(
    _ sides: [DashboardPeers.Side], _ running: [TerminalProgram?]
  ) -> Figure {
    var medians = sides.map { _ in Rounds() }
    let all = running.compactMap(\.self)
    for _ in 0..<rounds {
      var latencies = sides.map { _ in Latencies() }
      // The key up undoes the key down, as terminals send them in application mode.
      for key in (0..<5).flatMap({ _ in ["\u{1B}OB", "\u{1B}OA"] }) {
        for (place, program) in running.enumerated() {
          TerminalProgram.attend(all, seconds: 0.06)
          guard let late = program?.press(key) else { continue }
          latencies[place].add(nanoseconds: late)
        }
      }
      for (place, late) in latencies.enumerated() where late.count > 0 {
        medians[place].add(late.median)
      }
    }
    let ours = medians[0].median
    let bar = max(medians[1].median, 1)
    return Figure(
      what: "key to screen", ours: medians[0].text(" ms", decimals: 2),
      peer: DashboardPeers.beside(
        (1..<sides.count).map {
          (sides[$0].name, running[$0] == nil ? nil : medians[$0].text(" ms", decimals: 2))
        }),
      bar: "\(ours.text(2)) ms (≤ htop's, or 1 ms: \(bar.text(2)))",
      verdict: .init(!medians[0].values.isEmpty && ours <= bar))
  }

  // MARK: Wake-ups

  private static func wakeUps(
    _ sides: [DashboardPeers.Side], _ running: [TerminalProgram?]
  ) -> Figure {
    let all = running.compactMap(\.self)
    TerminalProgram.attend(all, seconds: 1)
    var rates = sides.map { _ in Rounds() }
    var bytes = rates
    for _ in 0..<rounds {
      let before = running.map { ($0?.meter.read(), $0?.byteCount ?? 0) }
      TerminalProgram.attend(all, seconds: wakeUpSeconds)
      for (place, program) in running.enumerated() {
        guard let program, let start = before[place].0 else { continue }
        rates[place].add(program.meter.read().wakeUpsPerSecond(since: start))
        bytes[place].add(Double(program.byteCount - before[place].1) / wakeUpSeconds)
      }
    }
    let texts = sides.indices.map { place in
      running[place] == nil
        ? nil
        : "\(rates[place].text("")), \(bytes[place].text(" B/s", decimals: 0))"
    }
    let ours = rates[0].median
    return Figure(
      what: "wake-ups a second with nothing changing, and bytes written",
      ours: texts[0] ?? "–",
      peer: DashboardPeers.beside(
        sides.indices.dropFirst().map { (sides[$0].name, texts[$0]) }),
      bar: "\(ours.text(1)) (≤ 2)", verdict: .init(ours <= 2))
  }

  // MARK: Start

  private static func starts(
    _ sides: [DashboardPeers.Side], _ folder: ScratchFolder
  ) throws -> [Figure] {
    var frame = sides.map { _ in Rounds() }
    var data = frame
    for _ in 0..<7 {
      for (place, side) in sides.enumerated() where side.name != "btop" {
        guard let path = side.path else { continue }
        let program = try TerminalProgram(path, side.arguments, in: folder)
        guard let first = program.wait(until: { !$0.isBlank }),
          let full = program.wait(until: { $0.text.contains(side.mark) })
        else { throw ProgramFailure("\(side.name) shows nothing") }
        frame[place].add(Double(first - program.startedAt) / 1e6)
        data[place].add(Double(full - program.startedAt) / 1e6)
      }
    }
    let shown = [1, 3]
    return [("start to first frame", frame, 0.5), ("start to first data", data, 1.0)].map {
      what, rounds, share in
      let ours = rounds[0].median
      let bar = rounds[3].median * share
      return Figure(
        what: what, ours: rounds[0].text(" ms"),
        peer: DashboardPeers.beside(
          shown.map {
            (sides[$0].name, sides[$0].path == nil ? nil : rounds[$0].text(" ms"))
          }),
        bar: "\((ours / max(rounds[3].median, 0.001)).text(2)) of HATop (≤ \(share.text(1)))",
        verdict: bar > 0 ? .init(ours <= bar) : .open)
    }
  }
}
