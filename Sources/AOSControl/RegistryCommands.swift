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
    help: ArgumentHelp("Where the instance listens.", valueName: "host:port"),
    transform: checkedAddress)
  var address: Address
  @Flag(help: "Let it take clients at once.") var accept = false
  @Flag(help: "The instance uses TLS there (aosd instance --tls-certificate).") var tls = false
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let command = OperatorCommand.add(id, at: address, accept: accept, tls: tls)
    try await connection.change(
      MutationRequest(command, options: mutation.options), as: MutationAnswer.self
    ) { $0.report(dryRun: mutation.dryRun, isAdding: true) }
  }
}

struct RemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Take drained instances out of the cluster.",
    discussion: "Several instances are removed together or not at all.")

  @Argument(help: "The instances.", transform: checkedID)
  var ids: [InstanceID]
  @Flag(help: "Remove them although they are not drained.") var force = false
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.change(
      MutationRequest(.remove(ids, force: force), options: mutation.options),
      as: MutationAnswer.self
    ) { answer in
      ids.map { mutation.dryRun ? "\($0) would be removed" : "\($0) is removed" }
        + answer.report(dryRun: mutation.dryRun).filter { line in
          !ids.contains { line.hasPrefix("\($0) ") }
        }
    }
  }
}

struct LimitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limit", abstract: "Set the maximum number of sessions of instances.",
    usage: "aosctl limit <id> ... <maximum> [<options>]",
    discussion: "Several instances are changed together or not at all.")

  @Argument(
    help: ArgumentHelp(
      "The instances, and then the maximum: 0 to 65535, or none to go back to the maximum that "
        + "each instance was started with.", valueName: "id-or-maximum"))
  var words: [String]
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func validate() throws { _ = try parsed() }

  /// The arguments, parsed.
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
    try await connection.order(.limit(ids, to: maximum), mutation)
  }
}

/// A number, or a word that means none.
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
