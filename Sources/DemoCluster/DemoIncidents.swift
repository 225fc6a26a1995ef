internal import ClusterClient
internal import ClusterModel
internal import ServiceSupport

/// The incidents in the first minute of the demo: a server is drained and enabled again, and
/// another one is killed and started again.
struct DemoIncidents: Sendable {
  /// The incidents, with the number of seconds after the beginning.
  enum Step: Sendable, CaseIterable {
    case drain, enable, kill, restart

    var second: Int {
      switch self {
      case .drain: 12
      case .enable: 30
      case .kill: 36
      case .restart: 48
      }
    }
  }

  /// The indices of the two servers in the plan; nil where there are not enough servers.
  static func places(of plan: DemoPlan) -> (drained: Int, killed: Int)? {
    plan.hasIncidents && plan.instances >= 4 ? (drained: 2, killed: 3) : nil
  }

  /// Carries out the steps in order and at their times, until it is cancelled. A step that fails is
  /// left out: an operator may have changed the server meanwhile.
  static func run(_ carryOut: (Step) async throws -> Void) async {
    var passed = 0
    for step in Step.allCases {
      guard (try? await Task.sleep(for: .seconds(step.second - passed))) != nil else { return }
      passed = step.second
      try? await carryOut(step)
    }
  }
}
