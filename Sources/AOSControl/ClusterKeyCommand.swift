internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient

struct ClusterKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster-key",
    abstract: "Print the cluster's public key, or replace its signing key.",
    subcommands: [Show.self, Rotate.self], defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Print the cluster's public key, for instances that an operator adds.",
      discussion: """
        Copy the key to a file on the machine of the new instance, start the instance with \
        --cluster-key FILE, and then add it here (aosctl add). The key is not secret. Make sure \
        that nobody changes it on the way: the instance obeys the owner of the key in its file.
        """)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.show("/v1/cluster-key", as: ClusterKeyAnswer.self) { [$0.publicKey] }
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate",
      abstract: "Replace the signing key; instances follow by themselves.",
      discussion: """
        The old key signs the new one, and instances then obey only the new key. An instance that \
        is away follows when it is reachable again, even after several rotations. You need not \
        replace its --cluster-key file. Works only through the Unix socket. Make a backup \
        afterwards (aosctl backup): instances refuse a registry from before the rotation.
        """)

    @Flag(help: "Show which instances can be reached now, and change nothing.")
    var dryRun = false
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.change(
        .rotateKey(options: MutationOptions(dryRun: dryRun)), as: KeyRotationAnswer.self
      ) { $0.report(dryRun: dryRun) }
    }
  }
}

extension KeyRotationAnswer {
  fileprivate func report(dryRun: Bool) -> [String] {
    let head =
      dryRun
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
