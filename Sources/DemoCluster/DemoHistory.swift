internal import ClusterAPI
internal import ClusterModel

/// The hour before the demo began, as if its people had been there, so that charts are not empty.
/// It is pure.
///
/// In it a server was lost for some minutes, and another one was drained, so that there is
/// something to see. The balancer starts with it, and continues with its own values.
struct DemoHistory {
  private static let stepSeconds = 10
  private static let steps = 360
  /// When the first server was lost, and when the second one took no clients, in steps.
  private static let lost = 110..<128
  private static let drained = 250..<286

  private let servers: [DemoPlan.Server]
  private var random: SplitMix64
  private var series: [[Load]]
  private var samples: [ClusterSample] = []
  private var before = 0

  /// - Parameter time: The end of the hour.
  static func hour(_ plan: DemoPlan, until time: Timestamp) -> LoadHistory {
    var history = DemoHistory(plan)
    for step in 0..<steps { history.advance(step, plan) }
    var instances: [String: [[Int]]] = [:]
    for (server, loads) in zip(history.servers, history.series) {
      instances[server.id.text] = loads.map { [$0.connected, $0.maximum] }
    }
    return LoadHistory(
      step: stepSeconds, at: time, instances: instances, cluster: history.samples)
  }

  private init(_ plan: DemoPlan) {
    servers = plan.servers
    random = SplitMix64(seed: plan.seed)
    series = servers.map { _ in [] }
  }

  /// Every server gets about the same share of its places.
  private mutating func advance(_ step: Int, _ plan: DemoPlan) {
    let seconds = Double((step - Self.steps) * Self.stepSeconds) * plan.speed
    var workloads: [Double] = []
    var sample = ClusterSample(sessions: 0, capacity: 0, handshakesPerSecond: 0, spread: nil)
    for (place, server) in servers.enumerated() {
      let kind: ClientKind = server.services == .batch ? .batch : .client
      var share = DemoCrowd.tide(kind, after: seconds)
      share += Double.random(in: -0.04...0.04, using: &random)
      let isLost = place == 3 && Self.lost.contains(step)
      let isDrained = place == 2 && Self.drained.contains(step)
      if isDrained {
        let passed = Double(step - Self.drained.lowerBound) / Double(Self.drained.count)
        share *= max(0, 1 - 1.4 * passed)
      }
      let connected = isLost ? 0 : Int((share * Double(server.maximum)).rounded())
      series[place].append(Load(connected: connected, maximum: server.maximum))
      sample.sessions += connected
      if isLost || isDrained { continue }
      sample.capacity += server.maximum
      workloads.append(Double(connected) / Double(server.maximum))
    }
    let arrivals = Double(sample.sessions) * Double(Self.stepSeconds) * plan.speed
    // The sessions of the first step were open before it.
    let more = step == 0 ? 0 : max(0, sample.sessions - before)
    let new = arrivals / DemoCrowd.sessionSeconds + Double(more)
    before = sample.sessions
    sample.handshakesPerSecond = (new / Double(Self.stepSeconds) * 10).rounded() / 10
    if let most = workloads.max(), let least = workloads.min() {
      sample.spread = Int(((most - least) * 100).rounded())
    }
    samples.append(sample)
  }
}
