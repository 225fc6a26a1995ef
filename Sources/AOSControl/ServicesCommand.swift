internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct ServicesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "services",
    abstract: "Configure a network load balancer for the services (AIF) of the servers.",
    subcommands: [HAProxyCommand.self])
}

struct HAProxyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "haproxy",
    abstract: "Print a complete configuration of HAProxy (2.6 or later) for the services.",
    discussion: """
      The configuration lists every server that was started with the address of its services \
      (aosd instance --services-address) and of its agent (--agent-listen). Every second HAProxy \
      asks the agent for the server's weight, and checks the services and the agent. Print the \
      configuration again after you add or remove a server. To set a weight by hand, first \
      disable the agent of that server in HAProxy.
      """)

  @Option(
    help: ArgumentHelp(
      "Where HAProxy listens (default: port 8080 of every address).",
      valueName: "host:port"),
    transform: checkedAddress)
  var listen: Address?

  @Option(
    help: ArgumentHelp(
      "Check the services with GET of this path; a status below 400 is healthy. Without it a "
        + "service is healthy when it accepts a connection.", valueName: "url-path"),
    transform: HTTPCheckPath.init)
  var httpCheck: HTTPCheckPath?

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.withBalancer { balancer in
      let answer = try await balancer.raw(.get, "/v1/status")
      if connection.json {
        return try connection.show(answer, as: ClusterSnapshot.self) { _ in [] }
      }
      let configuration = HAProxyConfiguration(
        of: try answer.decoded(), listen: listen, httpCheck: httpCheck)
      for line in configuration.leftOut { console.note("aosctl: \(line)") }
      guard !configuration.servers.isEmpty else {
        throw ProgramFailure(
          .refused,
          "no server says where its services are (--services-address) and where its agent "
            + "answers (--agent-listen)")
      }
      try console.lines(configuration.lines)
    }
  }
}

/// The path of the request with which HAProxy checks a service.
struct HTTPCheckPath {
  let text: String

  private static let signs = "-._~%/?=&:@!*+,;()"
  private static let mostBytes = 1_024

  /// - Throws: `ValidationError` for characters that HAProxy or HTTP would read differently.
  init(_ text: String) throws {
    guard text.hasPrefix("/"), text.utf8.count <= Self.mostBytes,
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || Self.signs.contains($0) })
    else {
      throw ValidationError(
        "it must begin with /, and have at most \(Self.mostBytes) characters: letters, digits "
          + "and \(Self.signs)")
    }
    self.text = text
  }
}
