internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// The options of every command that talks to a balancer.
struct ConnectionOptions: ParsableArguments {
  @Option(
    name: .customLong("balancer"),
    help: ArgumentHelp(
      "Where the balancer listens: unix:///PATH, http://HOST:PORT or https://HOST:PORT. Repeat it "
        + "to name several; the first that answers is used.", valueName: "endpoint"))
  var endpoints: [String] = []

  @OptionGroup var remote: RemoteOptions

  @Flag(help: "Print the answer of the HTTP interface, unchanged.")
  var json = false

  /// The commands that show whether a change of the cluster was made.
  private static let look = "aosctl status and aosctl actions"

  /// Runs an operation with the balancer that answers, and puts failures into words.
  ///
  /// - Parameter look: The commands that show whether a change was made although its answer was
  ///   lost.
  func withBalancer<Value>(
    look: String = ConnectionOptions.look,
    _ operation: (ClusterConnection) async throws -> Value
  ) async throws -> Value {
    let (endpoints, access) = try places()
    let transport = HTTPTransport(authorities: access.authorities)
    let result: Result<Value, any Error>
    do {
      let connection = try await choose(endpoints, access, transport)
      do {
        result = .success(try await operation(connection))
      } catch let failure as ClientFailure {
        result = .failure(ProgramFailure(answer: failure, at: connection.endpoint, look: look))
      }
    } catch {
      result = .failure(error)
    }
    await transport.shutDown()
    return try result.get()
  }

  /// The endpoints, and the token and certificates for them.
  ///
  /// - Throws: `ProgramFailure`, for example where the token would be sent in plain text.
  func places() throws(ProgramFailure) -> ([Endpoint], RemoteAccess) {
    let endpoints = try RemoteOptions.endpoints(named: endpoints)
    return (endpoints, try remote.access(to: endpoints))
  }

  /// A single endpoint is used as it is; of several the first where a program of the cluster
  /// answers.
  private func choose(
    _ endpoints: [Endpoint], _ access: RemoteAccess, _ transport: HTTPTransport
  ) async throws -> ClusterConnection {
    let connections = endpoints.map { access.connection(to: $0, over: transport) }
    if connections.count == 1 { return connections[0] }
    var failure = ProgramFailure(.unreachable)
    for connection in connections {
      do throws(ClientFailure) {
        _ = try await connection.livez()
        return connection
      } catch {
        failure.lines += ProgramFailure(answer: error, at: connection.endpoint).lines
      }
    }
    throw failure
  }

  /// Reads this path and prints the answer.
  func show<Answer: Decodable>(
    _ path: String, as type: Answer.Type, _ text: (Answer) -> [String]
  ) async throws {
    try await withBalancer { try show(await $0.raw(.get, path), as: type, text) }
  }

  /// Sends a change and prints the answer.
  ///
  /// - Parameter look: As for `withBalancer`.
  func change<Answer: Decodable>(
    _ request: @autoclosure () throws -> MutationRequest, as type: Answer.Type,
    look: String = ConnectionOptions.look, _ text: (Answer) -> [String]
  ) async throws {
    try await withBalancer(look: look) { try show(await $0.raw(request()), as: type, text) }
  }

  /// Sends an operator's command and reports the result.
  ///
  /// - Parameter words: Lines before the report.
  func order(
    _ command: OperatorCommand, _ mutation: MutationArguments, words: String...
  ) async throws {
    try await change(
      MutationRequest(command, options: mutation.options), as: MutationAnswer.self
    ) { words + $0.report(dryRun: mutation.dryRun) }
  }

  /// Prints an answer as JSON or as text.
  ///
  /// - Throws: The server's refusal.
  func show<Answer: Decodable>(
    _ answer: ClusterConnection.RawAnswer, as type: Answer.Type,
    _ text: (Answer) -> [String]
  ) throws {
    if json {
      let bytes = try answer.showableJSON()
      if answer.isSuccess { let _: Answer = try answer.decoded() }  // whatever else answers there
      try console.json(asItIs: bytes)
      if !answer.isSuccess { throw answer.failure }
    } else {
      try console.lines(text(try answer.decoded()))
    }
  }
}

extension ClusterConnection.RawAnswer {
  /// The body, to be printed as it is.
  ///
  /// - Throws: `ClientFailure` where it is not JSON, or could steer a terminal.
  func showableJSON() throws(ClientFailure) -> [UInt8] {
    guard isShowableJSON else {
      throw ClientFailure.malformed("answered with status \(status) and no JSON")
    }
    return bytes
  }

  /// Whether the body is an object or empty, without control characters, so that it is safe on a
  /// terminal.
  private var isShowableJSON: Bool {
    let text = String(validating: bytes, as: UTF8.self)
    guard let text, text.isEmpty || text.first == "{" else { return false }
    return text.unicodeScalars.allSatisfy {
      !PlainText.isForbidden($0) || $0 == "\n" || $0 == "\r" || $0 == "\t"
    }
  }
}
