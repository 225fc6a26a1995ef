internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel

/// Where a client's list of servers comes from.
struct ConfigurationSource: ParsableArguments {
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("A client configuration of Dynamics AX.", valueName: "file.axc"),
    completion: .file(extensions: ["axc", "AXC"]))
  var file: String?

  @Option(
    help: ArgumentHelp(
      "Which configuration of the file, where it holds several.", valueName: "name"))
  var configuration: String?

  @Option(
    help: ArgumentHelp(
      "The servers themselves, such as \"LB1@host:2712;AOS01@host:2713\".", valueName: "list"))
  var servers: String?

  func validate() throws {
    guard (file == nil) != (servers == nil) else {
      throw ValidationError("one of --config and --servers is needed")
    }
    guard configuration == nil || file != nil else {
      throw ValidationError("--configuration goes with --config")
    }
  }

  /// - Throws: `CommandFailure` that names every faulty line.
  func entries() throws -> [ServerEntry] {
    if let servers {
      do throws(InvalidValue) { return try ServerEntry.list(servers) } catch {
        throw CommandFailure(.wrongInput, "--servers: \(error)")
      }
    }
    guard let file else { return [] }
    let content = try AXCFile.read(file)
    var failure = CommandFailure(.wrongInput)
    failure.lines = content.faults.map { "\(file):\($0.line): \($0.complaint)" }
    guard failure.lines.isEmpty else { throw failure }
    return try pick(content.configurations, file).entries
  }

  private func pick(
    _ all: [ClientConfiguration], _ file: String
  ) throws -> ClientConfiguration {
    let fitting = configuration.map { name in all.filter { $0.name == name } } ?? all
    guard fitting.count != 1 else { return fitting[0] }
    let names = all.map(\.name).joined(separator: ", ")
    throw CommandFailure(
      .wrongInput,
      fitting.isEmpty
        ? "\(file) holds no configuration of that name, but \(names)"
        : "\(file) holds several configurations; name one with --configuration: \(names)")
  }
}

/// The reading of `.axc` files.
enum AXCFile {
  /// - Throws: `CommandFailure` for a file that cannot be read.
  static func read(_ path: String) throws -> ClientConfigurationFile {
    ClientConfigurationFile(
      try TextFile.bytes(of: path, atMost: ClientConfigurationFile.longest))
  }
}
