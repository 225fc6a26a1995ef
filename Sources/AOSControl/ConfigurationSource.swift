internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// The source of a client's list of servers.
struct ConfigurationSource: ParsableArguments {
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("A client configuration of Dynamics AX.", valueName: "file.axc"),
    completion: .file(extensions: ["axc", "AXC"]))
  var file: String?

  @Option(
    help: ArgumentHelp(
      "The configuration to use, if the file has several.", valueName: "name"))
  var configuration: String?

  @Option(
    help: ArgumentHelp(
      "A list of servers in place of a file, such as \"LB1@host:2712;AOS01@host:2713\".",
      valueName: "list"))
  var servers: String?

  func validate() throws {
    guard (file == nil) != (servers == nil) else {
      throw ValidationError("one of --config and --servers is needed")
    }
    guard configuration == nil || file != nil else {
      throw ValidationError("--configuration needs --config")
    }
  }

  /// - Throws: `ProgramFailure` naming every line of the configuration because of which a server is
  ///   missing. Other faults of the file do not matter here.
  func entries() throws -> [ServerEntry] {
    if let servers {
      do throws(InvalidValue) { return try ServerEntry.list(servers) } catch {
        throw ProgramFailure(.wrongInput, "--servers: \(error.plainWords)")
      }
    }
    guard let file else { return [] }
    let content = try AXCFile.read(file)
    let chosen = try pick(content, file)
    try Self.check(chosen.faults.filter(\.isError), file)
    for fault in chosen.faults {
      console.error("warning: \(file):\(fault.line): \(fault.complaint)")
    }
    let count = content.count(named: chosen.name)
    if count > 1 {
      console.error(
        "warning: \(file) holds \(count) configurations named \(chosen.name); "
          + "the one in line \(chosen.line) is used")
    }
    return chosen.entries
  }

  private static func check(
    _ faults: [ClientConfigurationFile.Fault], _ file: String
  ) throws(ProgramFailure) {
    guard !faults.isEmpty else { return }
    var failure = ProgramFailure(.wrongInput)
    failure.lines = faults.map { "\(file):\($0.line): \($0.complaint)" }
    throw failure
  }

  private func pick(
    _ content: ClientConfigurationFile, _ file: String
  ) throws -> ClientConfiguration {
    let choices = content.choices
    let names = choices.map(\.name).joined(separator: ", ")
    if let configuration {
      if let chosen = content.configuration(named: configuration) { return chosen }
      throw ProgramFailure(
        .wrongInput, "\(file) holds no configuration of that name, but \(names)")
    }
    if choices.isEmpty { try Self.check(content.faults, file) }
    guard choices.count == 1, let only = choices.first else {
      throw ProgramFailure(
        .wrongInput,
        "\(file) holds several configurations; name one with --configuration: \(names)")
    }
    return only
  }
}

/// Reads `.axc` files.
enum AXCFile {
  /// - Throws: `ProgramFailure` for a file that cannot be read.
  static func read(_ path: String) throws -> ClientConfigurationFile {
    ClientConfigurationFile(
      try TextFile.bytes(of: path, atMost: ClientConfigurationFile.longest))
  }
}
