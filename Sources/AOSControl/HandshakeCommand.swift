internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct HandshakeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "handshake",
    abstract: "Show the list of servers that a client gets, smallest workload first.")

  @Option(help: "Kind of client: client, batch or service.")
  var kind: ClientKind = .client

  @Flag(help: "Ask as a client does, and reserve a place.")
  var reserve = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.withBalancer { balancer in
      try connection.show(await ask(balancer), as: HandshakeAnswer.self) { answer in
        var table = TextTable(columns: [
          .right("PLACE"), .left("ID"), .left("ADDRESS"), .right("CONNECTED"),
          .right("RESERVED"), .right("MAXIMUM"), .right("WORKLOAD"),
        ])
        for (place, server) in answer.servers.enumerated() {
          table.rows.append([
            "\(place + 1)", server.id.text, "\(server.address)", "\(server.load.connected)",
            "\(server.load.reserved)", "\(server.load.maximum)", server.load.workload.percent,
          ])
        }
        let head = "cluster \(answer.cluster), \(answer.balancer) at \(answer.issuedAt)"
        let ticket = answer.ticket.map { ["ticket \($0)"] } ?? []
        return [head] + ticket + [""] + table.lines
      }
    }
  }

  private func ask(
    _ balancer: ClusterConnection
  ) async throws(ClientFailure) -> ClusterConnection.RawAnswer {
    guard reserve else {
      return try await balancer.raw(.get, "/v1/handshake?kind=\(kind.rawValue)")
    }
    let request = HandshakeRequest(
      kind: kind, user: Surroundings.user ?? "aosctl", computer: Surroundings.computer)
    return try await balancer.raw(.post, "/v1/handshake", body: .json(request))
  }
}
