internal import ArgumentParser
internal import ClusterModel
internal import Glibc
internal import ProgramOutput
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
      in the file, and separated by commas in the environment. A flag is true or false; an empty \
      variable counts as none.

      A daemon prints one line, "ready NAME http://HOST:PORT", on standard output once it \
      serves, and logs to standard error. SIGTERM and Ctrl-C stop it in order.

      Exit codes: 0 stopped in order, 1 wrong usage, wrong input or cannot start, 3 a balancer \
      that was removed from its cluster while it ran, or whose name another took.
      """,
    version: programVersion,
    subcommands: daemons + [RestoreCommand.self])

  static func main() async {
    OutputSignals.ignore()
    let status = await status(of: Array(CommandLine.arguments.dropFirst()))
    Console.finish()
    Glibc.exit(status)
  }

  /// Runs one command line.
  ///
  /// - Returns: The exit code.
  private static func status(of arguments: [String]) async -> Int32 {
    do {
      let line = try Settings.line(
        arguments, for: daemons, environment: SettingsReader.environment())
      var command = try parse(line)
      if let daemon = command as? any DaemonCommand { return await run(daemon) }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch let failure as StartFailure {
      return ended(by: failure, failure.status)
    } catch {
      return answer(error)
    }
  }

  /// Runs a daemon until it stops.
  private static func run(_ daemon: any DaemonCommand) async -> Int32 {
    var daemon = daemon
    do {
      try await daemon.run()
      return 0
    } catch {
      return ended(by: error, (error as? StartFailure)?.status ?? 1)
    }
  }

  private static func ended(by error: any Error, _ status: Int32) -> Int32 {
    Console.error("aosd: \(error.plainWords)")
    return status
  }

  /// The parser, whose complaint is given with the variable or the file that it is about.
  static func parse(_ line: Settings.Line) throws -> any ParsableCommand {
    do { return try parseAsRoot(line.words) } catch {
      guard exitCode(for: error) != .success, let place = line.source(of: message(for: error))
      else { throw error }
      throw StartFailure("\(place): \(message(for: error))")
    }
  }

  /// The parser's own: a request for help succeeds, everything else is wrong usage.
  private static func answer(_ error: any Error) -> Int32 {
    let isHelp = exitCode(for: error) == .success
    do throws(OutputFailure) {
      try Console.show(
        fullMessage(for: error), on: isHelp ? .standardOutput : .standardError)
      return isHelp ? 0 : 1
    } catch {
      if error == .readerLeft { OutputSignals.endByPipe() }
      Console.error("aosd: \(error.description)")
      return 1
    }
  }
}
