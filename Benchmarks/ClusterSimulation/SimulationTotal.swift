/// What many runs came to.
package struct SimulationTotal: Equatable, Sendable {
  package private(set) var schedules = 0
  package private(set) var events = 0
  package private(set) var violations = 0
  package private(set) var faults = FaultCounts()
  private var milliseconds: Int64 = 0
  private var sessions = 0
  private var changes = 0

  package init() {}

  package mutating func add(_ report: SimulationReport) {
    schedules += 1
    events += report.events
    violations += report.violation == nil ? 0 : 1
    faults += report.faults
    milliseconds += report.milliseconds
    sessions += report.sessions
    changes += report.changes
  }

  /// The figures, one a line.
  package var lines: [String] {
    let hours = Double(milliseconds / 360_000) / 10
    return [
      "schedules: \(schedules), invariants that did not hold: \(violations)",
      "simulated: \(hours) hours, \(events) events, \(sessions) sessions, \(changes) changes",
      "faults: \(faults.total)",
    ] + FaultKind.allCases.map { "  \($0.rawValue): \(faults[$0])" }
  }
}
