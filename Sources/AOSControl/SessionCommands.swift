internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

struct SessionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions", abstract: "Show the open sessions of an instance.")

  @Argument(help: "The instance.", transform: checkedID)
  var id: InstanceID
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.withBalancer { balancer in
      let path = "/v1/instances/\(id.text.percentEncoded)/sessions"
      try connection.show(await balancer.raw(.get, path), as: SessionList.self) { answer in
        var table = Table(columns: [
          .left("SESSION"), .left("KIND"), .left("USER"), .left("COMPUTER"), .left("SINCE"),
          .left("ACTIVE"),
        ])
        // Nobody misses columns in which nothing stands.
        let hasTraffic = answer.sessions.contains { $0.connections != nil }
        if hasTraffic {
          table.columns += [.right("CONNECTIONS"), .right("BYTES-IN"), .right("BYTES-OUT")]
        }
        for session in answer.sessions {
          let traffic = [
            session.connections, session.bytesFromClient, session.bytesFromApplication,
          ].map { $0.map(String.init) ?? "-" }
          table.rows.append(
            [
              session.session, session.kind.rawValue, session.user, session.computer,
              "\(session.since)", session.activeAt?.description ?? "-",
            ] + (hasTraffic ? traffic : []))
        }
        return table.lines
      }
    }
  }
}

struct EndCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end", abstract: "End a session of an instance.")

  @Argument(help: "The instance.", transform: checkedID)
  var id: InstanceID
  @Argument(help: "The session, as `aosctl sessions` shows it.") var session: String
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if session.isEmpty { throw ValidationError("<session> is empty") }
  }

  func run() async throws {
    try await connection.withBalancer(look: "aosctl sessions \(id)") { balancer in
      let answer = try await balancer.raw(.endSession(session, of: id))
      try connection.show(answer, as: SessionInfo.self) {
        ["session \($0.session) of \(id) is ended"]
      }
    }
  }
}
