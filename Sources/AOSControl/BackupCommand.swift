internal import ArgumentParser
internal import ClusterClient
internal import ProgramSupport

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the registry into a file while the cluster runs.",
    discussion: """
      The file is a registry in SQLite, whichever kind the cluster's own is. It holds the \
      cluster's signing key: keep it as a secret. Where the file system \
      keeps no permissions (FAT, a share of Windows) a warning names who may read it. `aosd \
      restore` puts it into place again; BACKUP.md explains how. Works only through the Unix \
      socket.
      """)

  @Argument(help: "The file to create; only you can read it.", completion: .file())
  var file: String
  @Flag(help: "Replace a file that exists.")
  var force = false
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if file.isEmpty { throw ValidationError("FILE is empty") }
  }

  func run() async throws {
    let output = try NewFile(making: file, mode: 0o600, replacing: force, mayBeOpen: true)
    if let warning = output.warning { console.error("warning: \(warning)") }
    let lastAct = LastAct { output.remove() }
    defer { lastAct.cancel() }
    do {
      let count = try await connection.withBalancer { balancer in
        try await balancer.backUp { try output.write($0) }
      }
      try output.finish()
      try console.line("\(file): \(count) bytes")
    } catch {
      output.remove()
      throw error
    }
  }
}
