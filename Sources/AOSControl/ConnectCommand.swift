internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct ConnectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Open a session the way a client does, and hold it, printing each step.",
    discussion: """
      Asks the entries of the configuration in order for the list of servers, and tries each \
      server of the list in turn until one takes the session. Holds the session until Ctrl-C, or \
      for the time of --hold. The exit code is 3 when an operator ends the session, and 2 when \
      the connection is lost.

      With --forward or --stdio, programs reach the application behind the server through the \
      session. When the session ends, for whatever reason, their connections close and the exit \
      code is 2.
      """)

  @OptionGroup var source: ConfigurationSource
  @Option(help: "Kind of client: client, batch or service.") var kind: ClientKind = .client
  @Option(help: "Name of the user (default: the user who runs aosctl).")
  var user: String?
  @Option(
    help: ArgumentHelp(
      "How long to hold the session: a number of seconds, or a duration such as 2m.",
      valueName: "seconds"))
  var hold: HoldArgument?
  @OptionGroup var reaching: EntryOptions
  @Flag(help: "Print each step as a line of JSON.") var json = false

  @OptionGroup var tunnel: TunnelOptions

  func validate() throws {
    if tunnel.stdio, hold != nil {
      throw ValidationError("--hold cannot be used with --stdio, which ends with its connection")
    }
    try checkName(user, option: "--user")
  }

  func run() async throws {
    let entries = try source.entries()
    let transport = try reaching.transport()
    let walk = ClientWalk(
      entries: entries, entriesUseTLS: reaching.tls, kind: kind,
      user: user ?? Surroundings.user ?? "aosctl",
      computer: Surroundings.computer, transport: transport)
    let output: StepReport.Output =
      tunnel.stdio ? .errors : tunnel.forward == nil ? .standard : .noticesApart
    let report = StepReport(isJSON: json, output: output)
    // With `--stdio` the reader may leave whenever the client of the application likes.
    if !tunnel.stdio { console.endWithReader() }
    let failure: ProgramFailure?
    if tunnel.stdio {
      failure = await StandardConnection(walk: walk, report: report).run()
    } else if let place = tunnel.forward {
      let forward = ForwardedSession(
        walk: walk, report: report, place: place, rejoins: tunnel.rejoin)
      failure = await holding { await forward.run(opened: $0) } ?? nil
    } else {
      failure = await keep(walk, report)
    }
    await transport.shutDown()
    report.finish()
    if let failure { throw failure }
  }

  private func keep(_ walk: ClientWalk, _ report: StepReport) async -> ProgramFailure? {
    let end = await holding { opened in
      await walk.run { step in
        report.print(step)
        if case .opened = step { opened.fire() }
      }
    }
    report.printEnd(end ?? .closed)
    return end?.failure
  }

  /// Runs an operation until it ends, Ctrl-C is pressed, or the time to hold is over. The time
  /// begins when the operation reports that its session is open.
  ///
  /// - Returns: Nil where it was cancelled before it began.
  private func holding<Value: Sendable>(
    _ operation: @escaping @Sendable (Signal) async -> Value
  ) async -> Value? {
    let (hold, opened) = (hold, Signal())
    let outcome = Shared<Value?>(nil)
    await endingOnInterrupt {
      // The operation and the time run in parallel; the first one to end cancels the other.
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          let value = await operation(opened)
          outcome.with { $0 = value }
        }
        if let hold {
          group.addTask {
            await opened.wait()
            try? await Task.sleep(for: .milliseconds(hold.milliseconds))
          }
        }
        await group.next()
        group.cancelAll()
      }
    }
    return outcome.with { $0 }
  }
}

/// How long to hold a session: seconds, or a duration with units.
struct HoldArgument: ExpressibleByArgument, Sendable {
  var milliseconds: Int64

  init?(argument: String) {
    if let seconds = Int(argument), (0...SpanText.mostSeconds).contains(seconds) {
      milliseconds = Int64(seconds) * 1_000
    } else if let duration = DurationArgument(argument: argument) {
      milliseconds = Int64(duration.seconds) * 1_000
    } else {
      return nil
    }
  }
}
