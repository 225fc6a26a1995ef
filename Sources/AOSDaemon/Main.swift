internal import ArgumentParser
internal import ClusterModel
internal import Glibc
internal import ProgramSupport

/// Where aosd prints when no daemon runs.
let console = Console(program: "aosd")

@main
struct Main: AsyncParsableCommand {
  /// The daemons. To add one, add a file, and its name here.
  static let daemons: [any DaemonCommand.Type] = [
    BalancerCommand.self, InstanceCommand.self, DemoCommand.self,
  ]

  static let configuration = CommandConfiguration(
    commandName: "aosd",
    abstract: "The daemons of a cluster of application object servers.",
    discussion: """
      You can also set every option in the environment (--max-clients as AOSD_MAX_CLIENTS) or in \
      the JSON file that --config names ({"max-clients": 60}). The command line overrides the \
      environment, and the environment overrides the file. An option that may be repeated is a \
      list in the file; in the environment, separate its values with commas. A flag is true or \
      false; an empty variable counts as not set.

      A daemon prints one line, "ready NAME http://HOST:PORT", on standard output once it \
      serves, and logs to standard error. SIGTERM and Ctrl-C stop it in order.

      Exit codes: 0 stopped in order, 1 wrong usage, wrong input or cannot start, 3 an operator \
      removed this balancer from its cluster while it ran, or another balancer took its name.
      """,
    version: ProgramVersion.current,
    subcommands: daemons + [RestoreCommand.self])

  static func main() async {
    OutputSignals.ignore()
    let status: Int32
    do throws(ProgramFailure) {
      OpenFileLimit.allowMost()
      // With fewer it would listen and serve nobody: `DescriptorReserve` keeps 36 of them.
      try OpenFiles.check(besides: 54)
      status = await self.status(of: try TypedWords.ofProcess())
    } catch {
      status = ended(by: error)
    }
    DaemonOutput.finish()
    Glibc.exit(status)
  }

  /// Runs one command line.
  ///
  /// - Returns: The exit code.
  private static func status(of arguments: [String]) async -> Int32 {
    do {
      let line = try Settings.line(
        arguments, for: daemons, environment: Surroundings.variables)
      var command = try parse(line)
      if let daemon = command as? any DaemonCommand { return await run(daemon) }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch let failure as ProgramFailure {
      return ended(by: failure)
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
      return ended(by: error)
    }
  }

  private static func ended(by error: any Error) -> Int32 {
    let failure = error as? ProgramFailure ?? ProgramFailure(.wrongInput, error.plainWords)
    if failure.status == .readerLeft { OutputSignals.endByPipe() }
    for line in failure.lines { DaemonOutput.log("aosd: \(line)") }
    return failure.status.rawValue
  }

  /// Parses the line. An error names the variable or the file that it is about.
  static func parse(_ line: Settings.Line) throws -> any ParsableCommand {
    do { return try parseAsRoot(line.words) } catch {
      guard exitCode(for: error) != .success, let place = line.source(of: message(for: error))
      else { throw error }
      throw ProgramFailure(.wrongInput, "\(place): \(message(for: error))")
    }
  }

  /// The parser's own error: a request for help succeeds, everything else is wrong usage.
  private static func answer(_ error: any Error) -> Int32 {
    let lines = fullMessage(for: error).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    guard exitCode(for: error) == .success else {
      lines.forEach(console.note)
      return ExitStatus.wrongInput.rawValue
    }
    do throws(ProgramFailure) {
      try console.lines(lines)
      try console.finish()
      return ExitStatus.done.rawValue
    } catch {
      return ended(by: error)
    }
  }
}
