internal import ArgumentParser
internal import ClusterModel
internal import ProgramSupport
internal import Registry

/// `aosd restore`.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a backup of the registry (aosctl backup) where balancers find it.",
    discussion: """
      The backup may come from a registry of either kind. Stop the balancers before, and start \
      them afterwards. Nothing is overwritten: the file must not exist, and the database must \
      hold no registry.
      """)

  @Argument(help: "The backup; it is only read.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "Where the registry is to be: sqlite:FILE, or postgres://USER@HOST/DATABASE.",
      valueName: "url"),
    transform: DatabaseArgument.init)
  var database: DatabaseArgument

  func validate() throws { _ = try database.url() }

  func run() async throws {
    let place = try database.url()
    let line: String
    do throws(RegistryFailure) {
      let restored = try await RegistryCopier().restore(file, to: place)
      line =
        "restored the registry of \(restored.cluster), change \(restored.revision), to \(place)"
    } catch { throw ProgramFailure(.wrongInput, error.plainWords) }
    try console.line(line)
    try console.finish()
  }
}
