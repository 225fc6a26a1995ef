internal import ArgumentParser
internal import Glibc
internal import ProgramSettings

@main
struct Main: AsyncParsableCommand {
  /// The daemons. Another one is one more file, and its name here.
  static let daemons: [any DaemonCommand.Type] = [
    BalancerCommand.self, InstanceCommand.self, DemoCommand.self,
  ]

  static let configuration = CommandConfiguration(
    commandName: "aosd",
    abstract: "The daemons of a cluster of application object servers.",
    discussion: """
      Every option may also stand in the environment (--max-clients as AOSD_MAX_CLIENTS) or in \
      the JSON file that --config names ({"max-clients": 60}). The command line goes before the \
      environment, and the environment before the file. An option that may be repeated is a list \
      in the file, and separated by commas in the environment.

      A daemon prints one line, "ready NAME http://HOST:PORT", on standard output once it \
      serves, and logs to standard error. SIGTERM and Ctrl-C stop it in order.

      Exit codes: 0 stopped in order, 1 wrong usage, wrong input or cannot start, 3 a balancer \
      that was removed from its cluster while it ran, or whose name another took.
      """,
    version: programVersion,
    subcommands: daemons)

  static func main() async {
    Glibc.exit(await status(of: Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs one command line.
  ///
  /// - Returns: The exit code.
  private static func status(of arguments: [String]) async -> Int32 {
    do {
      let whole = try Settings.completed(
        arguments, for: daemons, environment: SettingsReader.environment())
      var command = try parseAsRoot(whole)
      if var daemon = command as? any AsyncParsableCommand {
        try await daemon.run()
      } else {
        try command.run()
      }
      return 0
    } catch let failure as StartFailure {
      Console.error("aosd: \(failure)")
      return failure.status
    } catch {
      // The parser's own: a request for help succeeds, everything else is wrong usage.
      let isHelp = exitCode(for: error) == .success
      Console.write(fullMessage(for: error), to: isHelp ? STDOUT_FILENO : STDERR_FILENO)
      return isHelp ? 0 : 1
    }
  }
}
