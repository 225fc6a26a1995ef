internal import ClusterModel
internal import HeapModule

/// One run: its time, its chance, its processes and what is on the way between them.
///
/// Nothing here asks a clock or the system for anything, and nothing depends on the order of a
/// dictionary: the same seed gives the same events.
final class World {
  private struct Event: Comparable {
    let at: Int64
    let order: Int
    let act: () -> Void

    static func < (left: Event, right: Event) -> Bool {
      (left.at, left.order) < (right.at, right.order)
    }
    static func == (left: Event, right: Event) -> Bool { left.order == right.order }
  }

  let seed: UInt64
  let sabotage: Sabotage?
  var random: SplitMix64
  /// Milliseconds since the run began, by no clock of the cluster.
  private(set) var now: Int64 = 0
  private(set) var events = 0
  private var queue: Heap<Event> = []
  private var order = 0

  var faults = FaultCounts()
  private(set) var violation: Violation?
  /// What happened, line by line; nil where nobody wants to know.
  private(set) var trace: [String]?
  /// The faults are over: messages arrive, processes stay up.
  var isCalm = false

  /// Every event is checked against the invariants.
  var isWatched = true
  /// What they tell is lost, late or repeated though everything else is well.
  var arePeersFaulty = false

  let network = SimulatedNetwork()
  let registry: SimulatedRegistry
  var balancers: [BalancerProcess] = []
  var instances: [InstanceProcess] = []
  var clients: [ClientProcess] = []
  var readers: [FeedReader] = []
  var operators: [OperatorProcess] = []
  /// Sessions that were ever open.
  var sessions: [SessionRecord] = []
  /// The instance that lies in this run; nil: all are honest.
  var liar: InstanceID?
  /// Chance of its own for lies, so that honest runs are the same with and without them.
  var lying: SplitMix64
  /// Changes of the registry that the liar brought about.
  var lies = 0
  private var lastPort = 2_712
  /// Licenses are installed; else the cluster's own number of seats holds.
  var isLicensed = false
  private var lastLicense = 0

  init(seed: UInt64, sabotage: Sabotage?, keepsTrace: Bool) {
    self.seed = seed
    self.sabotage = sabotage
    random = SplitMix64(seed: seed)
    lying = SplitMix64(seed: seed ^ 0x11A2)
    trace = keepsTrace ? [] : nil
    registry = SimulatedRegistry(cluster: "SIM", epoch: "epoch-\(seed)")
  }

  // MARK: Time

  /// Does something later.
  func after(_ milliseconds: Int64, _ act: @escaping () -> Void) {
    order += 1
    queue.insert(Event(at: now + max(0, milliseconds), order: order, act: act))
  }

  /// Lets everything happen until then, or until an invariant does not hold.
  func run(until end: Int64) {
    while violation == nil, let next = queue.min, next.at <= end {
      queue.removeMin()
      now = next.at
      events += 1
      next.act()
    }
    if violation == nil { now = end }
  }

  /// The run is over: what refers to each other is let go, so that nothing of it stays.
  func letGo() {
    queue = []
    for process in balancers { process.letGo() }
    for process in instances { process.letGo() }
    for process in clients { process.letGo() }
    for process in readers { process.letGo() }
    sessions = []
  }

  // MARK: Chance

  func chance(_ probability: Double) -> Bool {
    Double(random.next() >> 11) < probability * Double(UInt64(1) << 53)
  }

  func pick(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }

  func pick<Element>(of list: [Element]) -> Element? { list.randomElement(using: &random) }

  /// An address that nobody ever had.
  func newAddress() -> Address? {
    lastPort += 1
    return try? Address(host: "10.0.0.1", port: lastPort)
  }

  /// A license that may have fewer seats than there are servers, and whose grace may end soon.
  func newLicense(at now: Timestamp) -> License {
    lastLicense += 1
    let grace = License.graceMilliseconds
    let left = chance(0.5) ? grace * 20 : pick(2_000...60_000) - grace
    return License(
      document: "license \(lastLicense)", holder: "Contoso", seats: Int(pick(0...5)),
      expiresAt: now.adding(milliseconds: left))
  }

  // MARK: What is seen

  func note(_ line: @autoclosure () -> String) {
    guard trace != nil else { return }
    trace?.append("\(now) \(line())")
  }

  /// - Parameter detail: Made only when it does not hold.
  func expect(_ holds: Bool, _ invariant: Invariant, _ detail: @autoclosure () -> String) {
    guard !holds, violation == nil else { return }
    violation = Violation(invariant: invariant, seed: seed, step: events, detail: detail())
    note("violation: \(invariant.rawValue)")
  }

  /// The process that listens there now.
  func instance(at address: Address) -> InstanceProcess? {
    instances.first { $0.isUp && $0.address == address }
  }

  func balancer(at address: Address) -> BalancerProcess? {
    balancers.first { $0.isUp && $0.address == address }
  }

  func instance(_ id: InstanceID) -> InstanceProcess? { instances.first { $0.id == id } }
}
