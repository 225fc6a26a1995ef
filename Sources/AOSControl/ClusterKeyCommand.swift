internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient

struct ClusterKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster-key",
    abstract: "Print the cluster's public key, or replace the key with which the cluster signs.",
    subcommands: [Show.self, Rotate.self], defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Print the cluster's public key, for instances that an operator adds.",
      discussion: """
        Put it into a file on the machine of the new instance, and start that with --cluster-key \
        FILE; then add it here (aosctl add). The key is no secret, but it must come to the other \
        machine unaltered: the owner of that key commands the instance.
        """)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.withBalancer { balancer in
        let answer = try await balancer.raw(.get, "/v1/cluster-key")
        try connection.show(answer, as: ClusterKeyAnswer.self) { [$0.publicKey] }
      }
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate",
      abstract: "Replace the signing key: instances follow by themselves.",
      discussion: """
        The old key signs the step to the new one, and instances then obey the new key alone. An \
        instance that is away follows when it can be reached again, also after several steps; a \
        file for --cluster-key need not be replaced. Only through the Unix socket. Make a backup \
        afterwards (aosctl backup): instances refuse a registry from before the rotation.
        """)

    @Flag(help: "Show which instances can be reached now, and change nothing.")
    var dryRun = false
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.withBalancer { balancer in
        let answer = try await balancer.raw(
          MutationRequest.rotateKey(options: MutationOptions(dryRun: dryRun)))
        try connection.show(answer, as: KeyRotationAnswer.self) { $0.report(dryRun: dryRun) }
      }
    }
  }
}

extension KeyRotationAnswer {
  fileprivate func report(dryRun: Bool) -> [String] {
    let head = dryRun
      ? "the key \(publicKey) would be replaced" : "the cluster's key is now \(publicKey)"
    let rows = instances.map { instance in
      guard let reason = instance.reason else {
        return "\(instance.id) \(dryRun ? "can be reached" : "follows")"
      }
      return "\(instance.id) \(dryRun ? "cannot be reached now" : "does not follow yet"): \(reason)"
    }
    return [head] + rows
  }
}
