internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

struct AddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Add an instance to the cluster; it takes no clients until it is enabled.")

  @Argument(help: "The instance.", transform: checkedID)
  var id: InstanceID
  @Argument(
    help: ArgumentHelp("Where it listens.", valueName: "host:port"), transform: checkedAddress)
  var address: Address
  @Flag(help: "It takes clients at once.") var accept = false
  @Flag(help: "It speaks TLS there (aosd instance --tls-certificate).") var tls = false
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.withBalancer { balancer in
      let answer = try await balancer.raw(
        MutationRequest.add(
          id, at: address, accept: accept, tls: tls, options: mutation.options))
      try connection.show(answer, as: MutationAnswer.self) {
        $0.report(dryRun: mutation.dryRun)
      }
    }
  }
}

struct RemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Take instances out of the cluster; they must be drained.",
    discussion: "Several are removed one after the other; the first refusal ends it.")

  @Argument(help: "The instances.", transform: checkedID)
  var ids: [InstanceID]
  @Flag(help: "Even if they are not drained.") var force = false
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.withBalancer { balancer in
      for id in ids {
        let answer = try await balancer.raw(
          MutationRequest.remove(id, force: force, options: mutation.options))
        try connection.show(answer, as: MutationAnswer.self) { answer in
          [mutation.dryRun ? "\(id) would be removed" : "\(id) is removed"]
            + answer.report(dryRun: mutation.dryRun).filter { !$0.hasPrefix("\(id) ") }
        }
      }
    }
  }
}

struct LimitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limit", abstract: "Set the most sessions that an instance takes.")

  @Argument(help: "The instance.", transform: checkedID)
  var id: InstanceID
  @Argument(help: ArgumentHelp("0 to 65535, or none for its own.", valueName: "maximum"))
  var maximum: Count
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard maximum.word != "unlimited", (maximum.number ?? 0) <= Load.highestMaximum else {
      throw ValidationError("the maximum must be 0 to \(Load.highestMaximum), or none")
    }
  }

  func run() async throws {
    try await connection.withBalancer { balancer in
      let answer = try await balancer.raw(
        MutationRequest.limit(id, to: maximum.number, options: mutation.options))
      try connection.show(answer, as: MutationAnswer.self) {
        $0.report(dryRun: mutation.dryRun)
      }
    }
  }
}

/// A number, or a word that stands for having none.
struct Count: ExpressibleByArgument {
  var number: Int?
  var word: String?

  init?(argument: String) {
    if argument == "none" || argument == "unlimited" {
      word = argument
    } else if argument.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(argument) {
      self.number = number
    } else {
      return nil
    }
  }
}
