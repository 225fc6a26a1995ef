internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct ActionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "actions", abstract: "Show who changed what, newest first.")

  @Option(help: "Show at most this many lines.")
  var limit: Int?
  @Flag(help: "Also show what happened: servers lost and back, drains that ended, licenses.")
  var events = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard limit.map({ (1...1_000).contains($0) }) ?? true else {
      throw ValidationError("--limit must be 1 to 1000")
    }
  }

  func run() async throws {
    try await connection.withBalancer { balancer in
      if events { return try await showEvents(balancer) }
      let path = "/v1/actions" + (limit.map { "?limit=\($0)" } ?? "")
      try connection.show(await balancer.raw(.get, path), as: ActionList.self) { answer in
        var table = TextTable(columns: [
          .left("AT"), .left("ACTOR"), .left("KIND"), .left("ACTION"), .left("INSTANCE"),
          .left("DELIVERED"), .left("RESULT"), .left("REASON"),
        ])
        for action in answer.actions {
          table.rows.append([
            "\(action.at)", action.actor, action.actorKind?.rawValue ?? "-",
            action.action.rawValue, action.instance?.text ?? "-",
            action.delivered.map { $0 ? "yes" : "not yet" } ?? "-", action.result,
            action.reason ?? "",
          ])
        }
        return table.lines
      }
    }
  }

  private func showEvents(_ balancer: ClusterConnection) async throws {
    let limit = limit ?? 50
    let log = ClusterLog(
      actions: try await balancer.actions(limit: limit),
      events: try await balancer.events(limit: limit), limit: limit)
    if connection.json { try console.json(log) } else { try console.lines(log.lines) }
  }
}

/// Actions and events, merged by time.
struct ClusterLog: Encodable {
  private(set) var actions: [ActionRecord] = []
  private(set) var events: [ClusterEvent] = []
  private var table = TextTable(columns: [
    .left("AT"), .left("BY"), .left("WHAT"), .left("INSTANCE"), .left("RESULT"), .left("REASON"),
  ])

  private enum CodingKeys: String, CodingKey {
    case actions, events
  }

  /// - Parameters:
  ///   - actions: Newest first.
  ///   - events: Newest first.
  ///   - limit: How many of both together are kept; the newest ones.
  init(actions: [ActionRecord], events: [ClusterEvent], limit: Int) {
    var (actions, events) = (actions[...], events.sorted { $0.at > $1.at }[...])
    while self.actions.count + self.events.count < limit {
      switch (actions.first, events.first) {
      case (let action?, let event?) where action.at >= event.at: add(action)
      case (let action?, nil): add(action)
      case (_, let event?):
        add(event)
        events.removeFirst()
        continue
      case (nil, nil): return
      }
      actions.removeFirst()
    }
  }

  /// A table, newest first.
  var lines: [String] { table.lines }

  private mutating func add(_ action: ActionRecord) {
    actions.append(action)
    table.rows.append([
      "\(action.at)", action.actorWords, action.action.rawValue, action.instance?.text ?? "-",
      action.result, action.reason ?? "",
    ])
  }

  private mutating func add(_ event: ClusterEvent) {
    events.append(event)
    table.rows.append([
      "\(event.at)", ActionActor.words(event.balancer.text, .balancer), event.kind.rawValue,
      event.instance?.text ?? "-", event.words, "",
    ])
  }
}
