internal import Balancing
internal import ClusterModel

/// What is written down of a balancer's life, to judge it by.
struct BalancerRecord {
  private struct Promise {
    let ticket: String
    let server: InstanceID
    let madeAt: Int64
  }

  /// Of the newest contents that it has known.
  var revision: Int64 = 0
  /// In which of the registry's lines of numbers that is.
  var line = 0
  /// How many lines there were when it was last looked at.
  var lineCount = 1
  /// Sessions at the balancer itself.
  var sessions = 0
  /// When it last looked at the time, by its monotonic clock.
  var tickedAt: Int64 = 0
  /// Since when a server cannot be heard by it, by its monotonic clock.
  var goneSince: [InstanceID: Int64] = [:]
  /// Of servers that start slowly: twice their share of the clients that came, and those that were
  /// sent there.
  var slowStarts: [InstanceID: (earned: Double, given: Double)] = [:]
  private var promises: [Promise] = []
  private var snapshots: [Int64: ClusterSnapshot] = [:]
  private var oldest: Int64 = 0
  private var words: [Int: Int] = [:]
  private var budgets: [Int: FeedBudget] = [:]
  private static let keptSnapshots: Int64 = 300

  // MARK: Told

  /// Keeps what was told, for readers that are late.
  mutating func keep(_ snapshot: ClusterSnapshot) {
    snapshots[snapshot.sequence] = snapshot
    while oldest < snapshot.sequence - Self.keptSnapshots {
      snapshots[oldest] = nil
      oldest += 1
    }
  }

  func told(_ sequence: Int64) -> ClusterSnapshot? { snapshots[sequence] }

  // MARK: Reservations

  mutating func promise(_ ticket: String, on server: InstanceID?, at time: Int64) {
    guard let server else { return }
    promises.append(Promise(ticket: ticket, server: server, madeAt: time))
  }

  /// Tickets that a load feed named.
  mutating func arrived(_ tickets: [String]) {
    promises.removeAll { tickets.contains($0.ticket) }
  }

  /// The balancer looked at the time.
  mutating func ticked(at time: Int64) {
    // It did not listen meanwhile: silence counts again.
    if time - tickedAt > 1_500 { goneSince = [:] }
    tickedAt = time
    promises.removeAll { $0.madeAt + BalancerProcess.reservation <= time }
  }

  /// Most places that may be reserved on a server.
  func promises(on server: InstanceID) -> Int { promises.count { $0.server == server } }

  // MARK: Feeds

  /// Something came over a load feed.
  mutating func hear(_ number: Int) { words[number, default: 0] += 1 }

  func heard(_ number: Int) -> Int { words[number, default: 0] }

  /// Whether the feed may say that, after all that it has said.
  mutating func mayHear(_ number: Int, _ event: LoadFeedEvent, now: Int64) -> Bool {
    let name: String? =
      switch event {
      case .hello: "hello"
      case .obeys: "obeys"
      case .load: "load"
      default: nil
      }
    return budgets[number, default: FeedBudget()].spend(eventNamed: name, now: now)
  }
}

/// What is written down of an instance over all its lives.
struct InstanceRecord {
  /// On the disk.
  var keptRevision: Int64 = 0
  /// Answered to an operator as delivered.
  var promisedRevision: Int64 = 0
  /// What it obeyed before the last document.
  var previous: DesiredState?
  /// Most sessions that were open when the last event was over.
  var connected = 0
  /// It found nobody at its application's address when it, or a client, looked last.
  var knowsAway = false
  /// Since its application has been a black hole.
  var blackHole = BlackHoleRecord()
  /// When others said in the last round of questions that they take clients.
  var said: [ClientKind: [InstanceID: Int64]] = [:]
  /// The drains that ended with a restart: by their start, and the revision they were kept with.
  private var ended: [Timestamp: Int64] = [:]

  /// A life begins.
  mutating func started(with kept: DesiredState?) {
    (connected, knowsAway, blackHole, said) = (0, false, BlackHoleRecord(), [:])
    guard let kept, let drain = kept.drain, drain.untilRestart else { return }
    ended[drain.startedAt] = kept.revision
  }

  /// The revision with which a drain was kept that a restart ended.
  func endedRevision(of drain: Drain) -> Int64? { ended[drain.startedAt] }
}

/// Clients that met an application that ends every connection at once.
struct BlackHoleRecord {
  private var ended = 0
  /// When this many had been cut off that nobody can doubt it.
  private(set) var plainAt: Int64?
  /// Clients that met it later than a second after that.
  private(set) var later = 0

  mutating func met(at now: Int64) {
    if let plainAt, now > plainAt + 1_000 { later += 1 }
  }

  mutating func cutOff(at now: Int64) {
    ended += 1
    if ended == 8 { plainAt = now }
  }
}
