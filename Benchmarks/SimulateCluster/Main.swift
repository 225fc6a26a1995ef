internal import ClusterSimulation
internal import Glibc

/// Runs many seeds and counts: `SimulateCluster [SEEDS [FIRST]]`, or with `--trace SEED` one of
/// them, line by line.
@main
struct Main {
  static func main() {
    let words = CommandLine.arguments.dropFirst()
    if words.first == "--trace", words.count == 2, let seed = words.last.flatMap(UInt64.init) {
      exit(trace(seed))
    }
    let numbers = words.map(UInt64.init)
    guard numbers.count <= 2, !numbers.contains(nil) else {
      print("usage: SimulateCluster [SEEDS [FIRST]] | --trace SEED")
      exit(1)
    }
    let count = numbers.first.flatMap { $0 } ?? 1_000
    let first = numbers.count > 1 ? numbers[1] ?? 1 : 1
    exit(run(first..<first &+ max(1, count)))
  }

  /// One run, with everything that happened.
  private static func trace(_ seed: UInt64) -> Int32 {
    let report = Simulation.run(seed: seed, keepsTrace: true)
    for line in report.trace { print(line) }
    print(report.violation.map { "\($0)" } ?? "every invariant held")
    return report.violation == nil ? 0 : 1
  }

  private static func run(_ seeds: Range<UInt64>) -> Int32 {
    let clock = ContinuousClock()
    let start = clock.now
    var total = SimulationTotal()
    for seed in seeds {
      let report = Simulation.run(seed: seed)
      total.add(report)
      if let violation = report.violation { print(violation) }
    }
    for line in total.lines { print(line) }
    print("took \(start.duration(to: clock.now).components.seconds) s")
    return total.violations == 0 ? 0 : 1
  }
}
