internal import ArgumentParser
internal import ClusterModel
internal import Glibc
internal import ProgramSupport

@main
struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aosctl",
    abstract: "Show a cluster of application object servers, and change it.",
    discussion: """
      Without --balancer it uses $AOS_BALANCER, or else the socket of a balancer on this machine.

      Exit codes: 0 done, 1 wrong usage or input, or output that cannot be written, 2 could not \
      reach, 3 refused. When the reader of a pipe leaves, SIGPIPE ends the program.
      """,
    version: "aosctl \(ProgramVersion.current)",
    subcommands: [
      StatusCommand.self, WatchCommand.self, ActionsCommand.self, HistoryCommand.self,
      HandshakeCommand.self,
      DrainCommand.self, EnableCommand.self, RollCommand.self, AddCommand.self, RemoveCommand.self,
      LimitCommand.self, LicenseCommand.self, ClusterKeyCommand.self, SessionsCommand.self,
      EndCommand.self, ConnectCommand.self, ConfigCommand.self, TokenCommand.self,
      BackupCommand.self, ServicesCommand.self,
    ])

  /// Every flag of every subcommand. A flag may also be given as `--flag=true`.
  static let flags = [
    "accept", "dry-run", "events", "force", "json", "plaintext-token", "rejoin", "reserve",
    "stdio", "tls", "until-restart", "wait",
  ].map { Setting($0, .flag) }

  static func main() async {
    OutputSignals.ignore()
    var failure: ProgramFailure?
    do throws(ProgramFailure) {
      try OpenFiles.check()
      try await run(try TypedWords.ofProcess())
    } catch {
      failure = error
    }
    Glibc.exit(console.close(after: failure))
  }

  /// Runs one command line.
  private static func run(_ arguments: [String]) async throws(ProgramFailure) {
    // Whether the command only groups others. Such a command lists them.
    var isIncomplete = false
    do {
      let line = try CommandLineWords(arguments, settings: flags)
      var command = try parseAsRoot(line.words)
      isIncomplete = !type(of: command).configuration.subcommands.isEmpty
      if var slow = command as? any AsyncParsableCommand {
        try await slow.run()
      } else {
        try command.run()
      }
    } catch let failure as SettingsFailure {
      throw ProgramFailure(.wrongInput, failure.description)
    } catch let failure as ProgramFailure {
      throw failure
    } catch {
      // The parser's own error: a request for help succeeds, everything else is wrong usage.
      let isHelp = exitCode(for: error) == .success && !isIncomplete
      let text = fullMessage(for: error)
      let mark = "Error: "
      let said = text.hasPrefix(mark) ? "aosctl: \(text.dropFirst(mark.count))" : text
      let lines = said.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if isHelp { return try console.lines(lines) }
      lines.forEach(console.note)
      throw ProgramFailure(.wrongInput)
    }
  }
}
