internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

struct ActionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "actions", abstract: "Show who changed what, newest first.")

  @Option(help: "Most actions to show.")
  var limit: Int?

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard limit.map({ (1...1_000).contains($0) }) ?? true else {
      throw ValidationError("--limit must be 1 to 1000")
    }
  }

  func run() async throws {
    try await connection.withBalancer { balancer in
      let path = "/v1/actions" + (limit.map { "?limit=\($0)" } ?? "")
      try connection.show(await balancer.raw(.get, path), as: ActionList.self) { answer in
        var table = Table(columns: [
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
}
