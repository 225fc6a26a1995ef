internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Print every change in the cluster, one per line, until Ctrl-C.",
    discussion: """
      Prints changes of state, actions, and who is first in the handshake list, but not every \
      change of the number of sessions. With --json it prints every snapshot, change and action \
      of the feed. It also ends when the reader of its output leaves.
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let (endpoints, access) = try connection.places()
    let transport = HTTPTransport(authorities: access.authorities)
    let watcher = ClusterWatcher(
      endpoints: endpoints, token: access.token, transport: transport)
    let isJSON = connection.json
    let log = Shared(ChangeLog())
    console.endWithReader()
    await endingOnInterrupt {
      await watcher.run { event in
        let lines = log.with { $0.tell(event) }
        endingOnFailure { () throws(ProgramFailure) in
          guard isJSON else { return try console.lines(lines) }
          switch event {
          case .connecting, .connected, .lost: lines.forEach(console.note)
          case .snapshot(let value): try console.json(value)
          case .change(let value): try console.json(value)
          case .action(let value): try console.json(value)
          case .event(let value): try console.json(value)
          }
        }
      }
    }
    await transport.shutDown()
  }
}

/// The lines about a feed for an operator: changes of state, and who did what.
struct ChangeLog: Equatable {
  private var snapshot: ClusterSnapshot?
  private var isAway = true

  /// Takes an event and returns the lines to print.
  mutating func tell(_ event: WatchEvent) -> [String] {
    switch event {
    case .connecting: return []
    case .connected(let endpoint):
      defer { isAway = false }
      return isAway ? ["connected to \(endpoint)"] : []
    case .lost(let endpoint, let failure, let wait):
      isAway = true
      let next = wait == 0 ? "trying on" : "trying again in \(Double(wait / 100) / 10) s"
      return ["\(endpoint) is away: \(failure); \(next)"]
    case .action(let action):
      // A feed that continues where it was lost may repeat the last actions.
      if snapshot?.actions.contains(action) == true { return [] }
      snapshot?.append(action)
      let place = action.instance.map { " \($0)" } ?? ""
      let reason = action.reason.map { " (\($0))" } ?? ""
      return [
        "\(action.at) \(action.actorWords): \(action.action.rawValue)\(place)\(reason): "
          + action.result
      ]
    case .event(let event):
      // An event is repeated with its number as soon as a registry has stored it.
      let isKnown = snapshot?.events.contains { $0.name == event.name && $0.at == event.at }
      snapshot?.append(event)
      return isKnown == true ? [] : ["\(event.at) \(event.sentence)"]
    case .snapshot(let new):
      let old = snapshot
      snapshot = new
      guard let old else {
        return ["\(new.at) cluster \(new.cluster), \(new.instances.count) instances"]
          + new.instances.map { "\(new.at) \($0.id) is \($0.stateInWords)" }
      }
      return Self.differences(
        from: old, to: new, ids: Set((old.instances + new.instances).map(\.id)))
    case .change(let change):
      guard let old = snapshot else { return [] }
      var new = old
      new.apply(change)
      snapshot = new
      let ids = Set(change.instances.map(\.id) + change.removed + change.loads.map(\.id))
      return Self.differences(from: old, to: new, ids: ids)
    }
  }

  private static func differences(
    from old: ClusterSnapshot, to new: ClusterSnapshot, ids: Set<InstanceID>
  ) -> [String] {
    var lines: [String] = []
    for id in ids.sorted() {
      switch (old[id], new[id]) {
      case (nil, let now?): lines.append("\(new.at) \(id) is new, \(now.stateInWords)")
      case (_?, nil): lines.append("\(new.at) \(id) is gone")
      case (let before?, let now?) where before.state.name != now.state.name:
        lines.append("\(new.at) \(id) was \(before.state.name), is \(now.stateInWords)")
      default: break
      }
    }
    if old.handshakeList.first != new.handshakeList.first {
      let top = new.handshakeList.first.map { "\($0) is first in the handshake list" }
      lines.append("\(new.at) \(top ?? "the handshake list is empty")")
    }
    if old.balancer.registry.state != new.balancer.registry.state {
      lines.append("\(new.at) the registry is \(new.balancer.registry.state.rawValue)")
    }
    return lines
  }
}
