internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Glibc

/// The options of every command that talks to a balancer.
struct ConnectionOptions: ParsableArguments {
  @Option(
    name: .customLong("balancer"),
    help: ArgumentHelp(
      "Where the balancer listens: unix:///PATH, http://HOST:PORT, https://HOST:PORT; repeated, "
        + "the first that answers.", valueName: "endpoint"))
  var endpoints: [String] = []

  @OptionGroup var remote: RemoteOptions

  @Flag(help: "Print the HTTP answer as it is.")
  var json = false

  /// Runs an operation with the balancer that answers, and puts failures into words.
  func withBalancer<Value>(
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
        result = .failure(CommandFailure(failure, at: connection.endpoint))
      }
    } catch {
      result = .failure(error)
    }
    await transport.shutDown()
    return try result.get()
  }

  /// The endpoints that were named, or the defaults.
  func chosenEndpoints() throws -> [Endpoint] {
    do throws(InvalidValue) {
      return try Endpoint.choose(
        named: endpoints,
        environment: Environment.values(of: [Endpoint.environmentName, "XDG_RUNTIME_DIR"]))
    } catch {
      throw CommandFailure(.wrongInput, error.plainWords)
    }
  }

  /// The endpoints, and what is shown there.
  ///
  /// - Throws: `CommandFailure`, also where the token would go in plain text.
  func places() throws -> ([Endpoint], RemoteAccess) {
    let (endpoints, access) = (try chosenEndpoints(), try remote.access())
    do throws(InvalidValue) { try access.check(endpoints) } catch {
      throw CommandFailure(.wrongInput, error.plainWords)
    }
    return (endpoints, access)
  }

  /// The only endpoint as it is; of several the first where a program of the cluster answers.
  private func choose(
    _ endpoints: [Endpoint], _ access: RemoteAccess, _ transport: HTTPTransport
  ) async throws -> ClusterConnection {
    let connections = endpoints.map { access.connection(to: $0, over: transport) }
    if connections.count == 1 { return connections[0] }
    var failure = CommandFailure(.unreachable)
    for connection in connections {
      do throws(ClientFailure) {
        _ = try await connection.livez()
        return connection
      } catch {
        failure.lines += CommandFailure(error, at: connection.endpoint).lines
      }
    }
    throw failure
  }

  /// Prints an answer: as it is, or as text.
  ///
  /// - Throws: The server's refusal.
  func show<Answer: Decodable>(
    _ answer: ClusterConnection.RawAnswer, as type: Answer.Type,
    _ text: (Answer) -> [String]
  ) throws {
    if json {
      Console.json(try answer.showableJSON())
      if !answer.isSuccess { throw answer.failure }
    } else {
      Console.lines(text(try answer.decoded()))
    }
  }
}

/// What a program shows to a balancer on another machine, and whom it believes.
struct RemoteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file with an access token, which others must not be able to read; $AOS_TOKEN_FILE.",
      valueName: "file"), completion: .file())
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Believe certificates signed by those in this file, instead of the system's; "
        + "$AOS_CA_FILE.", valueName: "file"), completion: .file())
  var caFile: String?

  @Flag(help: "Send the token over http:// to other machines, too, where others can read it.")
  var plaintextToken = false

  /// - Throws: `CommandFailure` naming the option and the file.
  func access() throws(CommandFailure) -> RemoteAccess {
    do throws(InvalidValue) {
      return try RemoteAccess(
        tokenFile: tokenFile, caFile: caFile, allowsPlaintext: plaintextToken,
        environment: Environment.values(
          of: [RemoteAccess.tokenVariable, RemoteAccess.authoritiesVariable]))
    } catch {
      throw CommandFailure(.wrongInput, error.plainWords)
    }
  }
}

extension ClusterConnection.RawAnswer {
  /// The body, to be printed as it is.
  ///
  /// - Throws: `ClientFailure` where it is no JSON, or holds what a terminal would obey.
  func showableJSON() throws(ClientFailure) -> [UInt8] {
    guard isShowableJSON else {
      throw ClientFailure.malformed("answered with status \(status) and no JSON")
    }
    return bytes
  }

  /// An object or nothing at all, without control characters: safe on a terminal as it is.
  private var isShowableJSON: Bool {
    let text = String(validating: bytes, as: UTF8.self)
    guard let text, text.isEmpty || text.first == "{" else { return false }
    return text.unicodeScalars.allSatisfy {
      !PlainText.isForbidden($0) || $0 == "\n" || $0 == "\r" || $0 == "\t"
    }
  }
}

/// The environment of the process.
enum Environment {
  static func values(of names: [String]) -> [String: String] {
    var values: [String: String] = [:]
    for name in names {
      if let value = getenv(name) { values[name] = String(cString: value) }
    }
    return values
  }

  /// Name of the user, as a client of the cluster says it.
  static var user: String {
    values(of: ["USER", "LOGNAME"]).values.first { !$0.isEmpty } ?? "aosctl"
  }

  /// Name of this machine.
  static var computer: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The wall clock.
  static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
