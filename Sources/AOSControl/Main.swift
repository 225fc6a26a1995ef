internal import ArgumentParser
internal import ClusterModel
internal import Glibc

@main
struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aosctl",
    abstract: "Look at a cluster of application object servers, and change it.",
    discussion: """
      Without --balancer it talks to $AOS_BALANCER, else to the socket of a balancer on this \
      machine.

      Exit codes: 0 done, 1 wrong usage or input, 2 could not reach, 3 refused.
      """,
    version: "aosctl \(ProgramVersion.current)",
    subcommands: [
      StatusCommand.self, WatchCommand.self, ActionsCommand.self, HandshakeCommand.self,
      DrainCommand.self, EnableCommand.self, AddCommand.self, RemoveCommand.self,
      LimitCommand.self, LicenseCommand.self, ClusterKeyCommand.self, SessionsCommand.self,
      EndCommand.self, ConnectCommand.self, ConfigCommand.self, TokenCommand.self,
    ])

  static func main() async {
    Glibc.exit(await status(of: Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Runs one command line and says how it ended.
  private static func status(of arguments: [String]) async -> ExitStatus {
    // One that only has others below it can do nothing but tell which.
    var isIncomplete = false
    do {
      var command = try parseAsRoot(arguments)
      isIncomplete = !type(of: command).configuration.subcommands.isEmpty
      if var slow = command as? any AsyncParsableCommand {
        try await slow.run()
      } else {
        try command.run()
      }
      return .done
    } catch let failure as CommandFailure {
      for line in failure.lines { Console.error("aosctl: \(line)") }
      return failure.status
    } catch {
      // The parser's own: a request for help succeeds, everything else is wrong usage.
      let isHelp = exitCode(for: error) == .success && !isIncomplete
      let text = fullMessage(for: error)
      let mark = "Error: "
      let said = text.hasPrefix(mark) ? "aosctl: \(text.dropFirst(mark.count))" : text
      for line in said.split(separator: "\n", omittingEmptySubsequences: false) {
        isHelp ? Console.line(String(line)) : Console.error(String(line))
      }
      return isHelp ? .done : .wrongInput
    }
  }
}
