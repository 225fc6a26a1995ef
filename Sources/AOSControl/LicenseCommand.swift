internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

struct LicenseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "license", abstract: "Show and change the license of the cluster and its seats.",
    discussion: """
      The licensor makes a key pair once (key) and signs licenses with it (issue). The operator \
      of a cluster starts its balancers with the public key (aosd balancer --license-key) and \
      installs the license. Every server needs a seat; load balancers need none.
      """,
    subcommands: [
      LicenseKeyCommand.self, LicenseIssueCommand.self, Install.self, Show.self, Remove.self,
      Seats.self,
    ])

  struct Install: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "install", abstract: "Install a license; it replaces the installed one.")

    @Argument(help: "The file with the license; - is standard input.", completion: .file())
    var file: String
    @OptionGroup var mutation: MutationArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      let document = try TextFile.word(in: file)
      try await connection.order(
        .license(document), mutation,
        words: "the license \(mutation.dryRun ? "would be" : "is") installed")
    }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove",
      abstract: "Remove the license; the cluster then falls back to its own seat count.")

    @OptionGroup var mutation: MutationArguments
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.order(
        .license(nil), mutation,
        words: "the license \(mutation.dryRun ? "would be" : "is") taken away")
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show the license and its seats.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.show("/v1/license", as: LicenseSummary.self) { $0.report }
    }
  }

  struct Seats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "seats",
      abstract: "Set the number of seats of a cluster without a license.")

    @Argument(help: ArgumentHelp("0 to 1000000, or none for any number.", valueName: "seats"))
    var seats: Count
    @OptionGroup var mutation: MutationArguments
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
      guard (seats.number ?? 0) <= License.highestSeats else {
        throw ValidationError("the seats must be 0 to \(License.highestSeats), or none")
      }
    }

    func run() async throws {
      let words = seats.number.map { "\($0)" } ?? "unlimited"
      try await connection.order(
        .seats(seats.number), mutation,
        words: "seats \(mutation.dryRun ? "would be" : "are") \(words)")
    }
  }
}

extension LicenseSummary {
  /// The license for a person, one line for each fact.
  fileprivate var report: [String] {
    var lines = ["state: \(words)"]
    if let holder { lines.append("holder: \(holder)") }
    lines.append("seats: \(seatsUsed) used\(seats.map { " of \($0)" } ?? ", no limit")")
    if let expiresAt { lines.append("expires: \(expiresAt)") }
    return lines
  }

  private var words: String {
    switch state {
    case .known(.none): "no license; the cluster's own number of seats applies"
    case .known(.valid): "valid"
    case .known(.expiring): "valid, expires within 30 days"
    case .known(.grace): "expired, in the grace period: servers take new sessions for 14 days"
    case .known(.expired): "expired; no server takes new sessions"
    case .known(.invalid): "invalid: \(reason ?? "no reason was given")"
    case .unrecognized(let name): name
    }
  }
}
