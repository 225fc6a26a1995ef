internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show the cluster as a whole over the last hour.",
    discussion: """
      Prints a line for each minute, the newest first: the open sessions, the places of the \
      servers that take sessions, the handshakes per second of all balancers, and the difference \
      in workload between the fullest and the emptiest server. --json has every ten seconds, and \
      each server.
      """)

  @Option(help: "Number of minutes to show, 1 to 60.")
  var minutes = 60

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard (1...60).contains(minutes) else { throw ValidationError("--minutes must be 1 to 60") }
  }

  func run() async throws {
    try await connection.show("/v1/history?minutes=\(minutes)", as: LoadHistory.self) {
      $0.table.lines
    }
  }
}

extension LoadHistory {
  /// A row for each minute, newest first.
  var table: TextTable {
    var table = TextTable(columns: [
      .left("AT"), .right("SESSIONS"), .right("CAPACITY"), .right("HANDSHAKES/S"),
      .right("SPREAD"),
    ])
    let stepsOfMinute = max(1, 60 / step)
    var rest = cluster[...]
    while let last = rest.last {
      let minute = rest.suffix(stepsOfMinute)
      let age = Int64(cluster.count - rest.count) * Int64(step) * 1_000
      let rate = minute.reduce(0) { $0 + $1.handshakesPerSecond } / Double(minute.count)
      table.rows.append([
        at.map { "\($0.adding(milliseconds: -age))" } ?? "-", "\(last.sessions)",
        "\(last.capacity)", "\((rate * 10).rounded() / 10)", last.spread.map(String.init) ?? "-",
      ])
      rest = rest.dropLast(minute.count)
    }
    return table
  }
}
