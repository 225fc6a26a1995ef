internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Client configurations.", subcommands: [Check.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Check a client configuration, and ask its servers what they are.",
      discussion: """
        Names every faulty line, and every load balancer that does not stand before all \
        servers; either makes the exit code 1. It is 2 when no entry answers.
        """)

    @Argument(help: "The file.", completion: .file(extensions: ["axc", "AXC"]))
    var file: String
    @OptionGroup var reaching: EntryOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
      let content = try AXCFile.read(file)
      let transport = try reaching.transport()
      let asked = await EntryCheck.ask(
        content.configurations.flatMap(\.entries).map(\.address), tls: reaching.tls, transport)
      await transport.shutDown()
      let report = ConfigurationReport(file: file, content: content, answers: asked)
      if json {
        Console.json(
          Array(
            PlainText.cleaned(String(decoding: try WireJSON.encode(report), as: UTF8.self)).utf8))
      } else {
        Console.lines(report.text)
      }
      if let failure = report.failure { throw failure }
    }
  }
}

/// What the servers of a configuration say they are.
enum EntryCheck {
  typealias Answer = Result<Liveness, ClientFailure>

  private static let mostAtOnce = 16

  /// One address, and what it said.
  private struct Asked {
    var address: Address
    var answer: Answer
  }

  /// Asks every address once, a few at a time.
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

/// The result of a check.
struct ConfigurationReport: Encodable, Equatable {
  struct Fault: Encodable, Equatable {
    var line: Int
    var complaint: String
  }

  struct Entry: Encodable, Equatable {
    var entry: String
    var id: InstanceID?
    var role: String?
    var cluster: String?
    /// Why it did not answer.
    var failure: String?

    var isBalancer: Bool { role == Role.loadBalancer.name }
    var isServer: Bool { role != nil && !isBalancer }
  }

  struct Configuration: Encodable, Equatable {
    var name: String
    var entries: [Entry]
    var warnings: [String]
  }

  var file: String
  var faults: [Fault]
  var configurations: [Configuration]

  init(file: String, content: ClientConfigurationFile, answers: [Address: EntryCheck.Answer]) {
    self.file = file
    faults = content.faults.map { Fault(line: $0.line, complaint: $0.complaint) }
    configurations = content.configurations.map { configuration in
      let entries = configuration.entries.map { Entry($0, answers[$0.address]) }
      return Configuration(
        name: configuration.name, entries: entries, warnings: Self.warnings(entries))
    }
  }

  private static func warnings(_ entries: [Entry]) -> [String] {
    var warnings: [String] = []
    if let server = entries.firstIndex(where: \.isServer) {
      for (place, entry) in entries.enumerated() where entry.isBalancer && place > server {
        warnings.append(
          "load balancer \(entry.entry) stands behind server \(entries[server].entry): "
            + "load balancers must stand first, or clients do not come to them")
      }
    }
    let clusters = Set(entries.compactMap(\.cluster)).sorted()
    if clusters.count > 1 {
      warnings.append("the entries belong to several clusters: \(clusters.joined(separator: ", "))")
    }
    return warnings
  }

  var text: [String] {
    var lines = faults.map { "\(file):\($0.line): \($0.complaint)" }
    for configuration in configurations {
      lines.append("configuration \(configuration.name)")
      var table = Table(columns: [.right("ENTRY"), .left("SERVER"), .left("ANSWERS")])
      for (place, entry) in configuration.entries.enumerated() {
        table.rows.append(["\(place + 1)", entry.entry, entry.words])
      }
      lines += table.lines + configuration.warnings.map { "warning: \($0)" }
    }
    return lines
  }

  var failure: CommandFailure? {
    let warnings = configurations.reduce(0) { $0 + $1.warnings.count }
    if !faults.isEmpty || warnings > 0 {
      return CommandFailure(
        .wrongInput, "\(file): \(faults.count) faulty lines, \(warnings) warnings")
    }
    let entries = configurations.flatMap(\.entries)
    return entries.allSatisfy { $0.failure != nil }
      ? CommandFailure(.unreachable, "\(file): no entry answers, so their order is not checked")
      : nil
  }
}

extension ConfigurationReport.Entry {
  fileprivate init(_ entry: ServerEntry, _ answer: EntryCheck.Answer?) {
    self.entry = "\(entry)"
    switch answer {
    case .success(let liveness):
      id = liveness.id
      role = liveness.role
      cluster = liveness.cluster
    case .failure(let failure): self.failure = "\(failure)"
    case nil: failure = "was not asked"
    }
  }

  fileprivate var words: String {
    guard let id, let cluster else { return "does not answer: \(failure ?? "")" }
    return "\(isBalancer ? "load balancer" : "server") \(id) of cluster \(cluster)"
  }
}
