internal import ClusterModel

/// What this program was asked to do, beside what the balancer says of it.
struct OwnLog: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    enum Outcome: Equatable, Sendable {
      case waiting
      case done
      case refused(String)
    }

    var token: RequestToken
    var order: Order
    /// The balancer's clock when it was sent.
    var at: Timestamp
    var outcome: Outcome
    /// Instances whose record of it has not arrived yet.
    var unmatched: Set<InstanceID>
    /// Highest record known when it was sent; its own records come after.
    var after: Int64
  }

  private(set) var entries: [Entry] = []
  /// What does the same as something that was done.
  struct Command: Equatable, Sendable {
    var text: String
    /// It stands at another record of the same change already.
    var isRepeated: Bool
  }

  /// By the record of what was done.
  private(set) var commands: [Int64: Command] = [:]
  /// What the balancer answered last of the instances that were changed here: the feed may not have
  /// it yet.
  private(set) var answered: [InstanceID: AdmissionRecord<OpenEnum<Admission>>] = [:]
  private var nextToken = 1

  /// Entries kept: more than a screen holds.
  static let kept = 100

  mutating func token() -> RequestToken {
    defer { nextToken += 1 }
    return RequestToken(nextToken)
  }

  mutating func start(_ order: Order, at time: Timestamp, after: Int64) -> RequestToken {
    let token = token()
    entries.append(
      Entry(
        token: token, order: order, at: time, outcome: .waiting,
        unmatched: Set(order.command.ids), after: after))
    if entries.count > Self.kept { entries.removeFirst() }
    return token
  }

  /// The request that was answered; nil where it is none of these.
  mutating func finish(_ token: RequestToken, _ outcome: Entry.Outcome) -> Order? {
    guard let place = entries.firstIndex(where: { $0.token == token }) else { return nil }
    entries[place].outcome = outcome
    return entries[place].order
  }

  /// Keeps what the answer to a change says of the instances.
  mutating func keep(_ instances: [InstanceStatus]) {
    for instance in instances { answered[instance.id] = instance.record }
  }

  /// The newest change of an instance that was sent and has no answer yet.
  func waiting(for id: InstanceID) -> Order? {
    entries.last { entry in
      entry.outcome == .waiting && entry.order.command.kind != .endSession
        && entry.order.command.ids.contains(id)
    }?.order
  }

  /// Finds the balancer's records of what was asked here, so that they stand once on the screen.
  mutating func match(_ records: [ActionRecord]) {
    let unknown = records.filter { commands[$0.id] == nil }.sorted { $0.id < $1.id }
    for record in unknown {
      guard let instance = record.instance,
        let place = entries.firstIndex(where: { entry in
          entry.unmatched.contains(instance) && record.action == entry.order.command.kind
            && record.id > entry.after && !entry.isRefused
        })
      else { continue }
      let entry = entries[place]
      // The oldest first: so it stands below all of them.
      commands[record.id] = Command(
        text: entry.order.commandLine(at: entry.at),
        isRepeated: entry.unmatched.count < entry.order.command.ids.count)
      entries[place].unmatched.remove(instance)
    }
    if commands.count > 4 * Self.kept, let oldest = commands.keys.min() {
      commands[oldest] = nil
    }
  }
}

extension OwnLog.Entry {
  var isRefused: Bool {
    if case .refused = outcome { true } else { false }
  }
}
