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
        .add(id, at: address, accept: accept, tls: tls), options: mutation.options)
      try connection.show(answer, as: MutationAnswer.self) {
        $0.report(dryRun: mutation.dryRun, isAdding: true)
      }
    }
  }
}

struct RemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Take instances out of the cluster; they must be drained.",
    discussion: "Several instances are removed together or not at all.")

  @Argument(help: "The instances.", transform: checkedID)
  var ids: [InstanceID]
  @Flag(help: "Even if they are not drained.") var force = false
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.withBalancer { balancer in
      let answer = try await balancer.raw(
        .remove(ids, force: force), options: mutation.options)
      try connection.show(answer, as: MutationAnswer.self) { answer in
        ids.map { mutation.dryRun ? "\($0) would be removed" : "\($0) is removed" }
          + answer.report(dryRun: mutation.dryRun).filter { line in
            !ids.contains { line.hasPrefix("\($0) ") }
          }
      }
    }
  }
}

struct LimitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limit", abstract: "Set the most sessions that instances take.",
    usage: "aosctl limit <id> ... <maximum> [<options>]",
    discussion: "Of several instances all are changed, or none.")

  @Argument(
    help: ArgumentHelp(
      "The instances, then 0 to 65535, or none for their own.", valueName: "id-or-maximum"))
  var words: [String]
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func validate() throws { _ = try parsed() }

  /// The words, read.
  private func parsed() throws -> (ids: [InstanceID], maximum: Int?) {
    guard words.count > 1, let last = words.last else {
      throw ValidationError("instances and a maximum are needed")
    }
    guard let maximum = Count(argument: last), maximum.word != "unlimited",
      (maximum.number ?? 0) <= Load.highestMaximum
    else {
      throw ValidationError("the maximum must be 0 to \(Load.highestMaximum), or none")
    }
    return (try words.dropLast().map(checkedID), maximum.number)
  }

  func run() async throws {
    let (ids, maximum) = try parsed()
    try await connection.withBalancer { balancer in
      let answer = try await balancer.raw(.limit(ids, to: maximum), options: mutation.options)
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
