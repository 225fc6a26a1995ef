import ClusterSimulation
import Testing

@Suite("Simulated clusters")
struct SimulationTests {
  @Test("every invariant holds in some hundred runs full of faults")
  func runs() {
    var total = SimulationTotal()
    for seed in UInt64(1)...200 {
      let report = Simulation.run(seed: seed)
      #expect(report.violation == nil, "\(report.violation.map(String.init(describing:)) ?? "")")
      total.add(report)
    }
    #expect(total.schedules == 200)
    // A fault that never happens shows nothing.
    for kind in FaultKind.allCases { #expect(total.faults[kind] > 0, "no \(kind.rawValue)") }
  }

  @Test("one seed gives one run, event by event", arguments: [UInt64(3), 17, 91])
  func replay(seed: UInt64) {
    let (one, other) = (
      Simulation.run(seed: seed, keepsTrace: true), Simulation.run(seed: seed, keepsTrace: true)
    )
    #expect(one.trace.count > 50)
    #expect(one == other)
  }

  @Test("two seeds give two runs")
  func seeds() {
    let (one, other) = (
      Simulation.run(seed: 1, keepsTrace: true), Simulation.run(seed: 2, keepsTrace: true)
    )
    #expect(one.trace != other.trace)
  }

  @Test("an invariant that is broken on purpose is seen to be broken", arguments: Sabotage.allCases)
  func sabotage(kind: Sabotage) {
    let seeds = UInt64(1)...60
    // What is broken may show first in what follows from it.
    let violation = seeds.lazy.compactMap { seed in
      Simulation.run(seed: seed, sabotage: kind).violation
    }.first { $0.invariant == kind.breaks }
    #expect(violation?.invariant == kind.breaks)
    guard let violation else { return }
    let again = Simulation.run(seed: violation.seed, sabotage: kind).violation
    #expect(again == violation, "the seed replays it")
  }

  @Test("there is no invariant whose check was never seen to fail")
  func everyInvariant() {
    #expect(Set(Sabotage.allCases.map(\.breaks)) == Set(Invariant.allCases))
  }

  @Test("with all balancers killed, 1,000 new clients end within 5 points on four servers")
  func withoutBalancers() {
    for seed in UInt64(1)...5 {
      let report = LoneStorm.run(seed: seed)
      #expect(report.sessions.reduce(0, +) == 1_000)
      #expect(report.spread <= 5, "\(report.sessions), seed \(seed)")
      for kind in [FaultKind.messageLost, .messageLate] {
        #expect(report.faults[kind] > 0, "no \(kind.rawValue)")
      }
    }
    let alone = LoneStorm.run(seed: 1, knowsServers: false)
    #expect(alone.sessions == [1_000, 0, 0, 0])
  }

  @Test(
    "balancers that tell each other of their reservations spread a storm evenly",
    arguments: [2, 3])
  func storm(balancers: Int) {
    for seed in UInt64(1)...5 {
      let storm = LogonStorm.run(seed: seed, balancers: balancers)
      #expect(storm.failures == 0)
      #expect(storm.worst <= 3, "\(storm.worst) points at worst, seed \(seed)")
      #expect(storm.atEnd <= 1, "\(storm.atEnd) points at the end, seed \(seed)")
      for kind in [FaultKind.messageLost, .messageLate, .messageRepeated] {
        #expect(storm.faults[kind] > 0, "no \(kind.rawValue)")
      }
    }
  }
}
