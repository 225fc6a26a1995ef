internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import RealPrograms

/// How little hardware a balancer needs.
enum BalancerCost {
  private static let rounds = 5

  static func run(_ programs: Programs) throws -> [Figure] {
    let cluster = try TestCluster(programs)
    let meter = Meter(cluster.balancer)
    var figures: [Figure] = []
    var first: Rounds?
    for count in [10, 100, 1_000] {
      try cluster.grow(to: count)
      try cluster.waitUntilTold(atMostSeconds: 60)
      meter.waitUntilSteady()
      let idle = idleShare(meter)
      figures.append(Self.idle(idle, meter, count: count))
      if count >= 100 {
        figures.append(changes(cluster, meter, idle: idle.median, count: count))
        figures.append(try handshakes(cluster, meter, count: count))
        if let (figure, costs) = try firstServers(cluster, meter, count: count, beside: first) {
          figures.append(figure)
          first = costs
        }
      }
    }
    return figures + [try sessions(programs)]
  }

  /// Percent of a core while nothing happens.
  static func idleShare(_ meter: Meter) -> Rounds {
    Rounds(
      (0..<rounds).map { _ in
        let before = meter.read()
        SteadyClock.wait(seconds: 2)
        return meter.read().percent(since: before)
      })
  }

  private static func idle(_ share: Rounds, _ meter: Meter, count: Int) -> Figure {
    var figure = Figure(
      what: "`aosd balancer`, idle, \(count.grouped) instances",
      ours: "\(meter.residentMebibytes.text(1)) MiB, "
        + share.text(" % of a core", decimals: 2))
    if count == 1_000 {
      figure.bar = "\(share.median.text(2)) % (≤ 3)"
      figure.verdict = .init(share.median <= 3)
    }
    return figure
  }

  /// 1,000 changes a second, and what they cost beyond being idle.
  private static func changes(
    _ cluster: TestCluster, _ meter: Meter, idle: Double, count: Int
  ) -> Figure {
    let costs = changeCosts(cluster, meter, idle: idle)
    return Figure(
      what: "1,000 changes of load among \(count.grouped) instances, in a second",
      ours: "\(costs.text(" ms", decimals: 0)) of processor time, "
        + "\(meter.residentMebibytes.text(1)) MiB")
  }

  /// Milliseconds of processor time for 1,000 changes of load.
  static func changeCosts(_ cluster: TestCluster, _ meter: Meter, idle: Double) -> Rounds {
    var costs = Rounds()
    for round in 0..<rounds {
      let before = meter.read()
      let done = cluster.change(
        perSecond: 1_000, seconds: 1, startingAt: 1_000 + round * 1_000)
      SteadyClock.wait(seconds: 0.1)
      let after = meter.read()
      let elapsed = Double(after.at - before.at)
      let spent =
        Double(after.processorNanoseconds - before.processorNanoseconds)
        - idle / 100 * elapsed
      costs.add(max(0, spent) / 1e6 / Double(done) * 1_000)
    }
    return costs
  }

  /// What handshakes cost while as many are asked for as can be answered.
  private static func handshakes(
    _ cluster: TestCluster, _ meter: Meter, count: Int
  ) throws -> Figure {
    guard let wrk = try Wrk(in: cluster.folder) else {
      return Figure(what: "1,000 handshakes", ours: "–", peer: "wrk is not installed")
    }
    let costs = try Self.costs(wrk, cluster, meter)
    return Figure(
      what: "1,000 handshakes with \(count.grouped) instances",
      ours: "\(costs.text(" ms", decimals: 0)) of processor time, "
        + "\(meter.residentMebibytes.text(1)) MiB after them")
  }

  /// The same for the first servers of the list, as clients ask for them: it hardly costs more in
  /// a large cluster.
  ///
  /// - Parameter small: The costs with fewer instances; nil: these are the first.
  private static func firstServers(
    _ cluster: TestCluster, _ meter: Meter, count: Int, beside small: Rounds?
  ) throws -> (Figure, Rounds)? {
    guard let wrk = try Wrk(in: cluster.folder, limit: 16) else { return nil }
    let costs = try Self.costs(wrk, cluster, meter)
    let what = "1,000 handshakes for 16 servers of \(count.grouped)"
    let ours = "\(costs.text(" ms", decimals: 0)) of processor time"
    guard let small else { return (Figure(what: what, ours: ours), costs) }
    let ratio = costs.median / max(small.median, 1)
    let figure = Figure(
      what: what, ours: ours, peer: "of 100: \(small.text(" ms", decimals: 0))",
      bar: "\(ratio.text(2)) of it (≤ 1.3)", verdict: .init(ratio <= 1.3))
    return (figure, costs)
  }

  /// Milliseconds of processor time for 1,000 handshakes.
  static func costs(
    _ wrk: Wrk, _ cluster: TestCluster, _ meter: Meter
  ) throws -> Rounds {
    var costs = Rounds()
    for _ in 0..<rounds {
      let before = meter.processorNanoseconds
      let outcome = try wrk.run("\(cluster.balancers[0].address)", seconds: 1)
      let spent = Double(meter.processorNanoseconds - before) / 1e6
      costs.add(spent / Double(outcome.requests) * 1_000)
    }
    return costs
  }

  /// What an instance takes for each session.
  private static func sessions(_ programs: Programs) throws -> Figure {
    let count = 1_000
    let cluster = try TestCluster(programs)
    try cluster.addInstances(rounds, maximum: count)
    var (with, without, costs) = (Rounds(), Rounds(), Rounds())
    for instance in cluster.instances {
      let meter = Meter(instance.child)
      without.add(meter.residentMebibytes)
      let before = meter.processorNanoseconds
      let channels = try open(count, at: instance.address)
      with.add(meter.residentMebibytes)
      costs.add(Double(meter.processorNanoseconds - before) / 1e6)
      for channel in channels { channel.close(promise: nil) }
    }
    let each = Rounds(zip(with.values, without.values).map { ($0 - $1) * 1_024 / Double(count) })
    return Figure(
      what: "`aosd instance` with \(count.grouped) sessions",
      ours: "\(with.text(" MiB")), \(without.median.text(1)) without any: "
        + "\(each.text(" KiB")) a session; "
        + "\(costs.text(" ms", decimals: 0)) of processor time to open 1,000")
  }

  private static func open(_ count: Int, at address: Address) throws -> [any Channel] {
    let loops = MultiThreadedEventLoopGroup.singleton
    return try (0..<count).map { _ in
      let (channel, answer) = try Visitor.exchange(
        address, Visitor.session(ticket: nil), until: "event: open", on: loops.any()
      ).wait()
      guard answer.contains("event: open") else {
        throw ProgramFailure("no session: \(answer)")
      }
      return channel
    }
  }
}

extension Int {
  /// `1,000`.
  var grouped: String {
    guard self >= 1_000 else { return String(self) }
    let rest = String(self % 1_000)
    return "\((self / 1_000).grouped),\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}
