internal import ClusterModel
internal import RealPrograms

/// One balancer with up to 10,000 instances, and how costs grow with instances, with readers of
/// the status feed, and with sessions.
enum Scale {
  private static let rounds = 5

  /// Measures one size after the other.
  ///
  /// - Returns: Why the last ones could not be measured, as a sentence to come after others; empty:
  ///   all were. What the smaller ones cost is worth knowing all the same.
  private static func measure(_ sizes: [Int], _ measure: (Int) throws -> Void) -> String {
    for size in sizes {
      Output.note("  \(size.grouped)")
      do { try measure(size) } catch {
        return " Where it ends, at \(size.grouped): \(error)."
      }
    }
    return ""
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

  static func instances(_ programs: Programs) throws -> Findings {
    let cluster = try TestCluster(programs)
    var (curves, joined) = (InstanceCurves(), 0)
    let end = measure([10, 100, 1_000, 10_000]) { count in
      try measure(cluster, count, joined: joined, &curves)
      joined = count
    }
    let all = [
      curves.memory, curves.idle, curves.load, curves.handshake, curves.order, curves.join,
      curves.start, curves.all,
    ]
    let table = GrowthTable(
      subject: "instances", curves: all,
      remark: "One balancer, whose instances are load feeds that the benchmark serves." + end)
    return Findings(growth: [table])
  }

  private static func measure(
    _ cluster: TestCluster, _ count: Int, joined: Int, _ curves: inout InstanceCurves
  ) throws {
    let meter = Meter(cluster.balancer)
    let before = meter.processorNanoseconds
    try cluster.grow(to: count)
    let spent = Double(meter.processorNanoseconds - before) / 1e6
    curves.join.add(spent / Double(count - joined), at: count)
    try cluster.waitUntilTold(atMostSeconds: 120)
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

  // MARK: Readers

  static func readers(_ programs: Programs) throws -> Findings {
    let crowd = try FeedCrowd(programs)
    var memory = Growth("memory", "MiB", order: .linear)
    var processor = Growth("100 changes a second", "% of a core", decimals: 2, order: .linear)
    var late = Growth("how late they hear (p99)", "ms", decimals: 0, order: .constant)
    let end = measure([1, 10, 100, 1_000]) { count in
      try crowd.grow(to: count)
      let cost = crowd.measure()
      processor.add(cost.processor, at: count)
      late.add(cost.late, at: count)
      memory.add(crowd.meter.residentMebibytes, at: count)
    }
    let table = GrowthTable(
      subject: "readers", curves: [memory, processor, late],
      remark: "Readers of one balancer's status feed with 100 instances." + end)
    return Findings(growth: [table])
  }

  // MARK: Sessions

  private static let servers = 10

  static func sessions(_ programs: Programs) throws -> Findings {
    let cluster = try TestCluster(programs)
    try cluster.addInstances(servers, maximum: 65_535)
    var crowds: [Child] = []
    defer { for crowd in crowds { crowd.kill() } }
    var (curves, opened) = (SessionCurves(), 0)
    let end = measure([10, 100, 1_000, 10_000, 100_000]) { count in
      try open(count - opened, at: cluster, count, &crowds, &curves)
      opened = count
    }
    let table = GrowthTable(
      subject: "sessions",
      curves: [curves.memory, curves.opening, curves.idle, curves.beside, curves.telling],
      remark: "Sessions at ten instances of the real program, as many at each." + end)
    return Findings(growth: [table])
  }

  private struct SessionCurves {
    var memory = Growth("memory of an instance", "MiB", order: .linear)
    var opening = Growth(
      "to open one", "µs of the instance's processor time", decimals: 0, order: .constant)
    var idle = Growth("idle, an instance", "% of a core", decimals: 2, order: .linear)
    var beside = Growth("memory of the balancer", "MiB", order: .constant)
    var telling = Growth(
      "to open one", "µs of the balancer's processor time", decimals: 0, order: .constant)
  }

  private static func open(
    _ more: Int, at cluster: TestCluster, _ count: Int, _ crowds: inout [Child],
    _ curves: inout SessionCurves
  ) throws {
    let meters = cluster.instances.map { Meter($0.child) }
    let balancer = Meter(cluster.balancer)
    let before = meters.map(\.processorNanoseconds)
    let balancerBefore = balancer.processorNanoseconds
    let coming = try cluster.instances.map {
      try SessionCrowd.begin(more / servers, at: $0.address, in: cluster.folder)
    }
    crowds += coming
    for crowd in coming { try SessionCrowd.wait(for: crowd) }
    let spent = zip(meters, before).map { meter, before in
      Double(meter.processorNanoseconds - before) / 1e3 / Double(more / servers)
    }
    curves.opening.add(Rounds(spent), at: count)
    curves.telling.add(
      Double(balancer.processorNanoseconds - balancerBefore) / 1e3 / Double(more), at: count)
    curves.idle.add(idleShares(meters), at: count)
    curves.memory.add(Rounds(meters.map(\.residentMebibytes)), at: count)
    curves.beside.add(balancer.residentMebibytes, at: count)
  }

  /// Of each process, while nothing happens.
  private static func idleShares(_ meters: [Meter]) -> Rounds {
    SteadyClock.wait(seconds: 1)
    let before = meters.map { $0.read() }
    SteadyClock.wait(seconds: 10)  // as long as a session's heartbeats are apart
    return Rounds(zip(meters, before).map { $0.read().percent(since: $1) })
  }
}
