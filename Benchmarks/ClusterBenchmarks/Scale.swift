internal import ClusterModel
internal import RealPrograms

/// One balancer with up to 10,000 instances, and how costs grow with instances, with readers of
/// the status feed, and with sessions.
enum Scale {
  private static let rounds = 5

  static func run(_ programs: Programs) throws -> Findings {
    var findings = Findings()
    let (instances, figures) = try instances(programs)
    findings.figures += figures
    findings.growth = [instances, try readers(programs), try sessions(programs)]
    return findings
  }

  // MARK: Instances

  private struct InstanceCurves {
    var memory = Growth("memory", "MiB", order: .linear)
    var idle = Growth("idle", "% of a core", decimals: 2, order: .linear)
    var load = Growth("a change of load", "µs of processor time", decimals: 0, order: .logarithmic)
    var handshake = Growth(
      "a handshake for 16", "µs of processor time", decimals: 0, order: .logarithmic)
    var order = Growth("an order of an operator", "ms of processor time", order: .linear)
    var join = Growth("a join", "ms of processor time", order: .linear)
    var start = Growth("start to first handshake", "ms", decimals: 0, order: .linear)
    var all = Growth("start to a list of all", "ms", decimals: 0, order: .linear)
  }

  private static func instances(_ programs: Programs) throws -> (GrowthTable, [Figure]) {
    let cluster = try TestCluster(programs)
    var (curves, joined) = (InstanceCurves(), 0)
    var failures: [Figure] = []
    for count in [10, 100, 1_000, 10_000] {
      var next = curves
      do {
        try measure(cluster, count, joined: joined, &next)
      } catch {
        // What the smaller ones cost is worth knowing all the same.
        failures.append(
          Figure(
            what: "\(count.grouped) instances at one balancer", ours: "not measured: \(error)",
            verdict: .missed))
        break
      }
      (curves, joined) = (next, count)
    }
    let all = [
      curves.memory, curves.idle, curves.load, curves.handshake, curves.order, curves.join,
      curves.start, curves.all,
    ]
    let table = GrowthTable(
      subject: "instances", curves: all.filter { !$0.points.isEmpty },
      remark: "One balancer, whose instances are load feeds that the benchmark serves.")
    return (table, failures.isEmpty ? figures(of: curves) : failures)
  }

  private static func measure(
    _ cluster: TestCluster, _ count: Int, joined: Int, _ curves: inout InstanceCurves
  ) throws {
    let meter = Meter(cluster.balancer)
    let before = meter.processorNanoseconds
    try cluster.grow(to: count)
    let spent = Double(meter.processorNanoseconds - before) / 1e6
    curves.join.add(spent / Double(count - joined), at: count)
    // With 10,000 instances, and this many servers in each list, that takes some minutes.
    cluster.waitUntilTold(atMostSeconds: 15)
    meter.waitUntilSteady()
    curves.memory.add(meter.residentMebibytes, at: count)
    let idle = BalancerCost.idleShare(meter)
    curves.idle.add(idle, at: count)
    curves.load.add(BalancerCost.changeCosts(cluster, meter, idle: idle.median), at: count)
    if let wrk = try Wrk(in: cluster.folder, limit: 16) {
      curves.handshake.add(try BalancerCost.costs(wrk, cluster, meter), at: count)
    }
    curves.order.add(try orders(cluster, meter, count: count, idle: idle.median), at: count)
    try restarts(cluster, count: count, &curves)
  }

  /// Milliseconds of processor time for an order to one instance, until it obeys.
  private static func orders(
    _ cluster: TestCluster, _ meter: Meter, count: Int, idle: Double
  ) throws -> Rounds {
    let each = 4
    var costs = Rounds()
    for round in 0..<rounds {
      let before = meter.read()
      for number in 0..<each {
        let id = try Fleet.name((round * each + number) % count)
        try cluster.order(.limit([id], to: 60_000 + round * each + number))
      }
      let after = meter.read()
      let spent = Double(after.processorNanoseconds - before.processorNanoseconds)
      costs.add((spent - idle / 100 * Double(after.at - before.at)) / 1e6 / Double(each))
    }
    return costs
  }

  private static func restarts(
    _ cluster: TestCluster, count: Int, _ curves: inout InstanceCurves
  ) throws {
    var (first, all) = (Rounds(), Rounds())
    for _ in 0..<rounds {
      let start = try cluster.restart()
      var listed = try cluster.serversListed()
      first.add(Double(SteadyClock.nanoseconds - start) / 1e6)
      while listed < count {
        guard SteadyClock.nanoseconds - start < 60_000_000_000 else {
          throw ProgramFailure("\(listed) of \(count) instances are in the list after a minute")
        }
        SteadyClock.wait(seconds: 0.01)
        listed = try cluster.serversListed()
      }
      all.add(Double(SteadyClock.nanoseconds - start) / 1e6)
    }
    curves.start.add(first, at: count)
    curves.all.add(all, at: count)
  }

  private static func figures(of curves: InstanceCurves) -> [Figure] {
    let size = 10_000
    func text(_ curve: Growth) -> String {
      guard let rounds = curve.value(at: size) else { return "–" }
      return rounds.text(" \(curve.unit)", decimals: curve.decimals)
    }
    return [
      Figure(
        what: "`aosd balancer`, idle, 10,000 instances",
        ours: "\(text(curves.memory)), \(text(curves.idle))"),
      Figure(
        what: "10,000 instances: from the start of the balancer to the first handshake",
        ours: "\(text(curves.start)); to a list of all: \(text(curves.all))"),
      Figure(
        what: "10,000 instances: a change of load; an order of an operator, until it is obeyed",
        ours: "\(text(curves.load)); \(text(curves.order))"),
    ]
  }

  // MARK: Readers

  private static func readers(_ programs: Programs) throws -> GrowthTable {
    let crowd = try FeedCrowd(programs)
    var memory = Growth("memory", "MiB", order: .linear)
    var processor = Growth("100 changes a second", "% of a core", decimals: 2, order: .linear)
    var late = Growth("how late they hear (p99)", "ms", decimals: 0, order: .constant)
    for count in [1, 10, 100, 1_000] {
      try crowd.grow(to: count)
      let cost = crowd.measure()
      processor.add(cost.processor, at: count)
      late.add(cost.late, at: count)
      memory.add(crowd.meter.residentMebibytes, at: count)
    }
    return GrowthTable(
      subject: "readers", curves: [memory, processor, late],
      remark: "Readers of one balancer's status feed with 100 instances.")
  }

  // MARK: Sessions

  private static let servers = 10

  private static func sessions(_ programs: Programs) throws -> GrowthTable {
    let cluster = try TestCluster(programs)
    try cluster.addInstances(servers, maximum: 65_535)
    let meters = cluster.instances.map { Meter($0.child) }
    let balancer = Meter(cluster.balancer)
    var crowds: [Child] = []
    var memory = Growth("memory of an instance", "MiB", order: .linear)
    var opening = Growth(
      "to open one", "µs of the instance's processor time", decimals: 0, order: .constant)
    var idle = Growth("idle, an instance", "% of a core", decimals: 2, order: .linear)
    var beside = Growth("memory of the balancer", "MiB", order: .constant)
    var telling = Growth(
      "to open one", "µs of the balancer's processor time", decimals: 0, order: .constant)
    var opened = 0
    for count in [10, 100, 1_000, 10_000, 100_000] {
      let new = (count - opened) / servers
      opened = count
      let before = meters.map(\.processorNanoseconds)
      let balancerBefore = balancer.processorNanoseconds
      let coming = try cluster.instances.map {
        try SessionCrowd.begin(new, at: $0.address, in: cluster.folder)
      }
      for crowd in coming { try SessionCrowd.wait(for: crowd) }
      crowds += coming
      let spent = zip(meters, before).map { meter, before in
        Double(meter.processorNanoseconds - before) / 1e3 / Double(new)
      }
      opening.add(Rounds(spent), at: count)
      telling.add(
        Double(balancer.processorNanoseconds - balancerBefore) / 1e3 / Double(new * servers),
        at: count)
      idle.add(idleShares(meters), at: count)
      memory.add(Rounds(meters.map(\.residentMebibytes)), at: count)
      beside.add(balancer.residentMebibytes, at: count)
    }
    for crowd in crowds { crowd.kill() }
    return GrowthTable(
      subject: "sessions", curves: [memory, opening, idle, beside, telling],
      remark: "Sessions at ten instances of the real program, as many at each.")
  }

  /// Of each process, while nothing happens.
  private static func idleShares(_ meters: [Meter]) -> Rounds {
    SteadyClock.wait(seconds: 1)
    let before = meters.map { $0.read() }
    SteadyClock.wait(seconds: 10)  // as long as a session's heartbeats are apart
    return Rounds(zip(meters, before).map { $0.read().percent(since: $1) })
  }
}
