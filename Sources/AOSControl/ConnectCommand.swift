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
      The entries of the configuration are asked in order for a list of servers, and each \
      server of the list is tried in turn, until one takes the session. It is held until \
      Ctrl-C, or for the time of --hold. An operator who ends it makes the exit code 3, a lost \
      connection 2.
      """)

  @OptionGroup var source: ConfigurationSource
  @Option(help: "What the client is: client, batch or service.") var kind: ClientKind = .client
  @Option(help: "Name of the user; the one who runs this, where none is given.")
  var user: String?
  @Option(
    help: ArgumentHelp(
      "How long to hold the session: a number of seconds, or such as 2m.", valueName: "seconds"))
  var hold: HoldArgument?
  @OptionGroup var reaching: EntryOptions
  @Flag(help: "Print each step as a JSON object on a line.") var json = false

  func validate() throws {
    guard let user else { return }
    do throws(InvalidValue) { _ = try PlainText.checked(user, field: "--user") } catch {
      throw ValidationError(error.plainWords)
    }
  }

  func run() async throws {
    let entries = try source.entries()
    let transport = try reaching.transport()
    let walk = ClientWalk(
      entries: entries, entriesUseTLS: reaching.tls, kind: kind,
      user: user ?? Surroundings.user ?? "aosctl",
      computer: Surroundings.computer, transport: transport)
    let isJSON = json
    let opened = Signal()
    let hold = hold
    let outcome = Shared(WalkEnd.closed)
    console.endWithReader()
    await endingOnInterrupt {
      // The first that is done, the way or the time to hold, ends the other.
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          let end = await walk.run { step in
            Self.print(step.record, isJSON)
            if case .opened = step { opened.fire() }
          }
          outcome.with { $0 = end }
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
    await transport.shutDown()
    let end = outcome.with { $0 }
    let failure = end.failure
    // What went wrong is said once: on standard error. A script wants it among the steps as well.
    if isJSON || failure == nil { Self.print(end.record, isJSON) }
    if let failure { throw failure }
  }

  private static func print(_ record: StepRecord, _ isJSON: Bool) {
    endingOnFailure { () throws(ProgramFailure) in
      if isJSON { try console.json(record) } else { try console.line(record.text) }
    }
  }
}

/// A time to hold a session: seconds, or a duration with units.
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
