internal import ArgumentParser
internal import ClusterModel
internal import ProgramSupport
internal import Registry

/// `aosd restore`.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Restore the registry from a backup (aosctl backup).",
    discussion: """
      The backup may come from SQLite or from PostgreSQL. Stop all balancers first, and start \
      them afterwards. aosd overwrites nothing: the file must not exist, and the database must \
      hold no registry.
      """)

  @Argument(help: "The backup; it stays as it is.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "Where to restore it: sqlite:FILE, or postgres://USER@HOST/DATABASE.",
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
