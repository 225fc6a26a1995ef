internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel
internal import InstanceService
internal import Logging
internal import ProgramSupport

/// `aosd instance`.
struct InstanceCommand: DaemonCommand {
  static let configuration = CommandConfiguration(
    commandName: "instance",
    abstract: "Run a server instance: it takes the sessions of clients.",
    discussion: """
      With --join it joins a cluster: at a balancer on this machine through the Unix socket, at a \
      balancer on another machine over https:// with an access token of the role instance. \
      Without a token, start it with --cluster-key, and let an operator add it (aosctl add).
      """)

  static let settings =
    [
      "name", "listen", "max-clients", "services", "zone", "advertise", "services-address",
      "cluster-key", "state-directory", "socket", "agent-listen", "token-file",
    ].map { Settings.Setting($0) } + [Settings.Setting("join", .list)]
    + [Settings.Setting("drain-on-stop", .optionalValue)]
    + [Settings.Setting("plaintext-token", .flag)] + TrustOptions.settings
    + ApplicationOptions.settings + LimitOptions.settings + DaemonOptions.settings

  @Option(
    help: ArgumentHelp("Its name in the cluster, for instance AOS01.", valueName: "id"),
    transform: { text in try checkedArgument { () throws(InvalidValue) in try InstanceID(text) } })
  var name: InstanceID

  @Option(
    help: ArgumentHelp(
      "Where clients and balancers reach it; port 0 chooses a free port.", valueName: "host:port"),
    transform: ListenArgument.init)
  var listen: ListenArgument

  @Option(
    help: ArgumentHelp("Maximum number of sessions, 0 to 65535.", valueName: "n"),
    transform: numberArgument(in: 0...Load.highestMaximum))
  var maxClients: Int

  @Option(
    help: ArgumentHelp(
      "What it serves: application, batch, or application,batch.", valueName: "services"),
    completion: .list(["application", "batch", "application,batch"]),
    transform: InstanceCommand.services)
  var services: ServerServices = .application

  @Option(
    help: ArgumentHelp(
      "Where the machine is, as a note for operators: a rack, a data centre.", valueName: "text"),
    transform: { text in
      try checkedArgument { () throws(InvalidValue) in try PlainText.checked(text, field: "zone") }
    })
  var zone: String?

  @Option(
    help: ArgumentHelp(
      "A balancer to join at: unix:///PATH, or https://HOST:PORT with --token-file. Repeat it to "
        + "name several; the instance asks one after the other.", valueName: "endpoint"),
    transform: InstanceCommand.joinEndpoint)
  var join: [Endpoint] = []

  @Option(
    help: ArgumentHelp(
      "The address that others use, if it differs from --listen.", valueName: "host:port"),
    transform: addressArgument)
  var advertise: Address?

  @Option(
    help: ArgumentHelp("The address of its services (AIF).", valueName: "host:port"),
    transform: addressArgument)
  var servicesAddress: Address?

  @Option(
    help: ArgumentHelp(
      "A file with the cluster's public key: the instance then trusts no other key.",
      valueName: "file"), completion: .file())
  var clusterKey: String?

  @Option(
    help: ArgumentHelp(
      "Where it keeps the orders of the cluster over restarts (default: $STATE_DIRECTORY, "
        + "$XDG_STATE_HOME/aos/NAME or ~/.local/state/aos/NAME).", valueName: "directory"),
    completion: .directory)
  var stateDirectory: String?

  @Option(
    help: ArgumentHelp("A Unix socket for operators on this machine.", valueName: "path"),
    completion: .file(),
    transform: socketPathArgument)
  var socket: String?

  @Option(
    help: ArgumentHelp(
      "A file with the access token for joining over TCP; the instance reads it for each try.",
      valueName: "file"), completion: .file())
  var tokenFile: String?

  @Flag(help: "Send the token to other machines over http:// as well, where others can read it.")
  var plaintextToken = false

  @OptionGroup var trust: TrustOptions

  @Option(
    help: ArgumentHelp(
      "On SIGTERM or Ctrl-C leave the list and wait for the open sessions: at most this number of "
        + "seconds (60 or more), or without a number (true in a file) until the last one ends. A "
        + "second signal ends them at once.",
      valueName: "seconds"),
    transform: DrainOnStop.init)
  var drainOnStop = DrainOnStop.off

  @Option(
    help: ArgumentHelp(
      "Where it reports its weight to network load balancers (HAProxy, agent-check): from 200 % "
        + "when it is empty down to 100 % when it is full, and 0 % while it takes nobody. aosctl "
        + "services haproxy prints the configuration.", valueName: "host:port"),
    transform: ListenArgument.init)
  var agentListen: ListenArgument?

  @OptionGroup var traffic: ApplicationOptions
  @OptionGroup var limits: LimitOptions
  @OptionGroup var daemon: DaemonOptions

  func validate() throws {
    try listen.check(advertise: advertise)
    let needsToken = join.contains { if case .unix = $0 { false } else { true } }
    if needsToken, tokenFile == nil {
      throw ValidationError("--join over TCP needs a --token-file (aosctl token create).")
    }
  }

  func run() async throws {
    HangUp.ignore()
    let logger = daemon.logger(for: name.text)
    let directory =
      stateDirectory
      ?? StateDirectoryPath.standard(name: name.text, environment: Surroundings.variables)
    guard let directory else {
      throw ProgramFailure(.wrongInput, "there is no home directory; name a --state-directory")
    }
    let key = try clusterKey.map { try PublicKeyFile.read($0, option: "--cluster-key") }
    var configuration = InstanceConfiguration(
      id: name,
      profile: InstanceProfile(role: .server(services), ownMaximum: maxClients, zone: zone),
      listen: (listen.host, listen.port), advertise: advertise,
      servicesAddress: servicesAddress, join: join, stateDirectory: directory, clusterKey: key,
      socketPath: socket,
      agentListen: agentListen.map { ($0.host, $0.port) }, limits: limits.limits,
      logger: logger)
    configuration.tls = try trust.identity(logger)
    configuration.authorities = try trust.authorities(logger)
    configuration.tokenFile = try checkedToken()
    configuration.allowsPlaintextToken = plaintextToken
    traffic.apply(to: &configuration)
    let tls = configuration.tls != nil
    if let socket { try Folder.prepareForSocket(socket, option: "--socket") }
    if join.isEmpty, configuration.clusterKey == nil {
      logger.warning(
        "Neither --join nor --cluster-key is given; only what was kept before is obeyed")
    }
    do {
      let instance = try await InstanceDaemon(configuration)
      var beforeStop: (@Sendable () async -> Void)?
      if drainOnStop != .off {
        let drainOnStop = drainOnStop
        if let note = drainOnStop.note { logger.warning("\(note)") }
        beforeStop = { await instance.leave(withinSeconds: drainOnStop.seconds) }
      }
      let services = instance.services { port in
        DaemonOptions.sayReady(name, host: listen.host, port: port, tls: tls)
      }
      let watch = trust.watch(configuration.tls, logger: logger) {
        instance.replace(authorities: $0)
      }
      try await daemon.run(services + [watch], beforeStop: beforeStop, logger: logger)
    } catch let error as InstanceCannotStart {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
  }
}

/// Reads the values of its options.
extension InstanceCommand {
  /// A wrong token is reported at the start, and not with every try.
  private func checkedToken() throws -> TokenFile? {
    guard let file = tokenFile.map({ TokenFile($0) }) else { return nil }
    do throws(InvalidValue) {
      let access = RemoteAccess(token: try file.read(), allowsPlaintext: plaintextToken)
      try access.check(join)
    } catch {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
    return file
  }

  private static func services(_ text: String) throws -> ServerServices {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let named = parts.compactMap { Service(rawValue: String($0)) }
    guard named.count == parts.count, let services = ServerServices(named) else {
      throw ValidationError("it must be application, batch or application,batch")
    }
    return services
  }

  private static func joinEndpoint(_ text: String) throws -> Endpoint {
    try checkedArgument { () throws(InvalidValue) in try Endpoint(text) }
  }
}
