internal import ClusterModel

/// The requests of this program, beside the balancer's log of actions.
struct OwnLog: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    enum Outcome: Equatable, Sendable {
      case waiting
      case done
      case refused(String)
    }

    var token: RequestToken
    var order: Order
    /// The balancer's clock at the time of sending.
    var at: Timestamp
    var outcome: Outcome
    /// The instances whose record of it has not arrived yet.
    var unmatched: Set<InstanceID>
    /// The highest record at the time of sending; its own records have higher numbers.
    var after: Int64
  }

  private(set) var entries: [Entry] = []
  /// The aosctl command that does the same as an action.
  struct Command: Equatable, Sendable {
    var text: String
    /// Whether it is shown at another record of the same change already.
    var isRepeated: Bool
  }

  /// The commands by the record of their action.
  private(set) var commands: [Int64: Command] = [:]
  /// The balancer's last answer about the instances that were changed here, which the feed may not
  /// have yet.
  private(set) var answered: [InstanceID: AdmissionRecord<OpenEnum<Admission>>] = [:]
  private var nextToken = 1

  /// The most entries: more than a screen shows.
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

  /// The request that was answered; nil where it is not one of these.
  mutating func finish(_ token: RequestToken, _ outcome: Entry.Outcome) -> Order? {
    guard let place = entries.firstIndex(where: { $0.token == token }) else { return nil }
    entries[place].outcome = outcome
    return entries[place].order
  }

  /// Keeps what the answer to a change says about the instances.
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

  /// Finds the balancer's records of requests made here, so that they are shown once.
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
      // The oldest comes first, so that the command is below all of them.
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
