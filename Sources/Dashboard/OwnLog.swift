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
    var mutation: Mutation
    /// The balancer's clock when it was sent.
    var at: Timestamp
    var outcome: Outcome
    /// Instances whose record of it has not arrived yet.
    var unmatched: Set<InstanceID>
    /// Highest record known when it was sent; its own records come after.
    var after: Int64
  }

  private(set) var entries: [Entry] = []
  /// Commands that did the same, by the record of what they did.
  private(set) var commands: [Int64: String] = [:]
  private var nextToken = 1

  /// Entries kept: more than a screen holds.
  static let kept = 100

  mutating func token() -> RequestToken {
    defer { nextToken += 1 }
    return RequestToken(nextToken)
  }

  mutating func start(_ mutation: Mutation, at time: Timestamp, after: Int64) -> RequestToken {
    let token = token()
    entries.append(
      Entry(
        token: token, mutation: mutation, at: time, outcome: .waiting,
        unmatched: Set(mutation.ids), after: after))
    if entries.count > Self.kept { entries.removeFirst() }
    return token
  }

  /// The request that was answered; nil where it is none of these.
  mutating func finish(_ token: RequestToken, _ outcome: Entry.Outcome) -> Mutation? {
    guard let place = entries.firstIndex(where: { $0.token == token }) else { return nil }
    entries[place].outcome = outcome
    return entries[place].mutation
  }

  /// Finds the balancer's records of what was asked here, so that they stand once on the screen.
  mutating func match(_ records: [ActionRecord]) {
    for record in records where commands[record.id] == nil {
      guard let instance = record.instance,
        let place = entries.firstIndex(where: { entry in
          entry.unmatched.contains(instance) && entry.mutation.kind == record.action
            && record.id > entry.after && !entry.isRefused
        })
      else { continue }
      entries[place].unmatched.remove(instance)
      commands[record.id] = entries[place].mutation.command(at: entries[place].at)
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
