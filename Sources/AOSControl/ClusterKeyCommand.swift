internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient

struct ClusterKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster-key",
    abstract: "Print the cluster's public key, for instances that an operator adds.",
    discussion: """
      Put it into a file on the machine of the new instance, and start that with --cluster-key \
      FILE; then add it here (aosctl add). The key is no secret, but it must come to the other \
      machine unaltered: whoever owns that key commands the instance.
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.withBalancer { balancer in
      try connection.show(await balancer.raw(.get, "/v1/cluster-key"), as: ClusterKeyAnswer.self) {
        [$0.publicKey]
      }
    }
  }
}
