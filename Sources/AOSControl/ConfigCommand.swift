internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Glibc
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
        answers. All servers together have 10 s.
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

  /// One address, and its answer.
  private struct Asked {
    var address: Address
    var answer: Answer
  }

  /// Each question takes a descriptor.
  static var mostAtOnce: Int {
    var limits = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    return max(1, min(256, Int(clamping: limits.rlim_cur) / 2))
  }

  /// Asks every address once, many at the same time and the first ones first.
  ///
  /// - Parameter milliseconds: The time for all of them together. Addresses that are not in the
  ///   result were not asked in that time.
  static func ask(
    _ addresses: [Address], tls: Bool, _ transport: HTTPTransport, atOnce: Int = mostAtOnce,
    within milliseconds: Int64 = TimeLimit.configuration
  ) async -> [Address: Answer] {
    var known: Set<Address> = []
    var waiting = addresses.filter { known.insert($0).inserted }[...]
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    return await withTaskGroup(of: Asked.self) { group in
      func addNext() {
        // In tenths of a second, which a reason may name.
        let left = Int64((end - .now) / .milliseconds(100)) * 100
        guard left > 0, let address = waiting.popFirst() else { return }
        // Each pays for the lookup of its own name: no name waits for another's.
        let connection = ClusterConnection(
          Endpoint(address, tls: tls), transport: transport, payer: "\(address)")
        group.addTask {
          do throws(ClientFailure) {
            let liveness = try await connection.livez(
              timeoutMilliseconds: min(left, TimeLimit.question))
            return Asked(address: address, answer: .success(liveness))
          } catch {
            return Asked(address: address, answer: .failure(error))
          }
        }
      }
      for _ in 0..<atOnce { addNext() }
      var answers: [Address: Answer] = [:]
      while let asked = await group.next() {
        answers[asked.address] = asked.answer
        addNext()
      }
      return answers
    }
  }
}
