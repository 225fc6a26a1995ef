internal import ClusterModel
internal import RealPrograms

/// 5,000 handshakes in a second, at 10 instances of 1,000 places each.
enum LogonStorm {
  private static let clients = 5_000
  private static let instances = 10
  private static let maximum = 1_000

  /// One storm says as much of the machine as of the balancers.
  private static let rounds = 5

  private struct Result {
    var atEnd: Double
    var worst: Double
    var worstSent: Double
    var seconds: Double
    var failures: Int
  }

  static func run(_ programs: Programs) throws -> [Figure] {
    try [1, 2, 3].flatMap { balancers in
      let ours = try (0..<rounds).map { _ in
        try storm(programs, balancers: balancers, reservationSeconds: 10)
      }
      let plain = try storm(programs, balancers: balancers, reservationSeconds: 0)
      let beside =
        "connected ÷ maximum alone: \(plain.atEnd.text(1)) points at the end, "
        + "\(plain.worst.text(1)) at worst"
      let lost = ours.map(\.failures).reduce(0, +)
      let bars = [
        ("at the end", Rounds(ours.map(\.atEnd)), 1.0),
        ("at worst", Rounds(ours.map(\.worst)), 3.0),
      ]
      let seconds = Rounds(ours.map(\.seconds)).median.text(1)
      let sent = Rounds(ours.map(\.worstSent)).text(" points")
      let end =
        ", clients sent: \(sent) at worst, all in after \(seconds) s"
        + (lost > 0 ? ", \(lost) clients lost" : "")
      return bars.map { when, spread, bar in
        Figure(
          what: "logon storm, \(balancers) balancer\(balancers == 1 ? "" : "s"), "
            + "spread \(when)",
          ours: spread.text(" points") + end, peer: beside,
          bar: "\(spread.median.text(1)) points (≤ \(bar.text(0)))",
          verdict: .init(spread.median <= bar && lost == 0))
      }
    }
  }

  private static func storm(
    _ programs: Programs, balancers: Int, reservationSeconds: Int
  ) throws -> Result {
    let cluster = try TestCluster(
      programs, balancers: balancers, reservationSeconds: reservationSeconds)
    try cluster.addInstances(instances, maximum: maximum)
    let crowd = StormCrowd(
      balancers: cluster.balancers.map(\.address), servers: cluster.instances.map(\.address),
      maximum: maximum)
    let (outcome, seconds) = try crowd.run(clients, overSeconds: 1)
    return Result(
      atEnd: outcome.spread(maximum: maximum), worst: outcome.worstSpread,
      worstSent: outcome.worstSent, seconds: seconds, failures: outcome.failures)
  }
}
