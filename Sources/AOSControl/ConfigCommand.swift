internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check client configurations.", subcommands: [Check.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Check a client configuration, and ask its servers what they are.",
      discussion: """
        Reports every faulty line, first the lines that make a server missing, and every load \
        balancer that comes after a server. The exit code is 1 for both, and 2 when no entry \
        answers.
        """)

    @Argument(
      help: "The client configuration, a file.axc of Dynamics AX.",
      completion: .file(extensions: ["axc", "AXC"]))
    var file: String
    @OptionGroup var reaching: EntryOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
      if file.isEmpty { throw ValidationError("<file> is empty") }
    }

    func run() async throws {
      let content = try AXCFile.read(file)
      let transport = try reaching.transport()
      let asked = await EntryCheck.ask(
        content.configurations.flatMap(\.entries).map(\.address), tls: reaching.tls, transport)
      await transport.shutDown()
      let report = ConfigurationReport(file: file, content: content, answers: asked)
      if json {
        try console.json(report)
      } else {
        try console.lines(report.text)
      }
      if let failure = report.failure { throw failure }
    }
  }
}

/// Asks the servers of a configuration for their names and roles.
enum EntryCheck {
  typealias Answer = Result<Liveness, ClientFailure>

  private static let mostAtOnce = 16

  /// One address, and its answer.
  private struct Asked {
    var address: Address
    var answer: Answer
  }

  /// Asks every address once, a few at the same time.
  static func ask(
    _ addresses: [Address], tls: Bool, _ transport: HTTPTransport
  ) async -> [Address: Answer] {
    var waiting = Set(addresses)
    return await withTaskGroup(of: Asked.self) { group in
      func addNext() {
        guard let address = waiting.popFirst() else { return }
        group.addTask {
          do throws(ClientFailure) {
            let connection = ClusterConnection(
              Endpoint(address, tls: tls), transport: transport)
            let liveness = try await connection.livez()
            return Asked(address: address, answer: .success(liveness))
          } catch {
            return Asked(address: address, answer: .failure(error))
          }
        }
      }
      for _ in 0..<mostAtOnce { addNext() }
      var answers: [Address: Answer] = [:]
      while let asked = await group.next() {
        answers[asked.address] = asked.answer
        addNext()
      }
      return answers
    }
  }
}
