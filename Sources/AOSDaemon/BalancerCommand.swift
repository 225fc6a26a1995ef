internal import ArgumentParser
internal import BalancerService
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Glibc
internal import Logging
internal import ProgramSupport
internal import Registry

/// `aosd balancer`.
struct BalancerCommand: DaemonCommand {
  static let configuration = CommandConfiguration(
    commandName: "balancer",
    abstract: "Run a dedicated load balancer: it gives clients the list of servers.",
    discussion: """
      Without options it is LB1 of the cluster AOS on 127.0.0.1:2712. Its socket and its registry \
      are where aostop and aosctl look for them: below /run/aos and /var/lib/aos for root, below \
      $XDG_RUNTIME_DIR and ~/.local/state for other users. As a systemd service it uses the \
      folders of its unit.
      """)

  static let settings =
    [
      "name", "cluster", "listen", "socket", "database", "advertise", "reservation-seconds",
      "slow-start", "license-key",
    ].map { Settings.Setting($0) } + [Settings.Setting("allow-plaintext-operators", .flag)]
    + TrustOptions.settings + LimitOptions.settings + DaemonOptions.settings

  @Option(
    help: ArgumentHelp("Its name in the cluster (default: LB1).", valueName: "id"),
    transform: { text in try checkedArgument { () throws(InvalidValue) in try InstanceID(text) } })
  var name: InstanceID?

  @Option(
    help: ArgumentHelp("The cluster's name; a registry belongs to one cluster.", valueName: "name"),
    transform: BalancerCommand.clusterName)
  var cluster: String = "AOS"

  @Option(
    help: ArgumentHelp(
      "Where clients ask for the list; port 0 chooses a free port.", valueName: "host:port"),
    transform: ListenArgument.init)
  var listen = ListenArgument(host: "127.0.0.1", port: Address.defaultPort)

  @Option(
    help: ArgumentHelp(
      "The Unix socket for operators and instances on this machine.", valueName: "path"),
    completion: .file(),
    transform: socketPathArgument)
  var socket: String?

  @Option(
    help: ArgumentHelp(
      "Where the registry is kept: sqlite:FILE, or postgres://USER@HOST/DATABASE.",
      valueName: "url"),
    transform: DatabaseArgument.init)
  var database: DatabaseArgument?

  @Option(
    help: ArgumentHelp(
      "The address that others use, if it differs from --listen.", valueName: "host:port"),
    transform: addressArgument)
  var advertise: Address?

  @Option(
    help: ArgumentHelp(
      "How long a handshake reserves a place, 0 (not at all) to 600.", valueName: "seconds"),
    transform: numberArgument(in: 0...600))
  var reservationSeconds: Int = 10

  @Option(
    help: ArgumentHelp(
      "How long a server that came back gets a rising share of the new clients, 0 to 3600. 0: it "
        + "gets all of them until it is as full as the others.", valueName: "seconds"),
    transform: numberArgument(in: 0...3_600))
  var slowStart: Int = 0

  @Flag(
    help: "Accept changes from other machines over http:// as well, where others can read tokens.")
  var allowPlaintextOperators = false

  @OptionGroup var trust: TrustOptions

  @Option(
    help: ArgumentHelp(
      "A file with the licensor's public key; without it every license is refused.",
      valueName: "file"), completion: .file())
  var licenseKey: String?

  @OptionGroup var limits: LimitOptions
  @OptionGroup var daemon: DaemonOptions

  func validate() throws {
    _ = try database?.url()
    try listen.check(advertise: advertise)
  }

  func run() async throws {
    let name = try name ?? InstanceID("LB1")
    HangUp.ignore()
    let logger = daemon.logger(for: name.text)
    let places = StandardPlaces(environment: Surroundings.variables, isRoot: geteuid() == 0)
    guard let socket = socket ?? places.socket else {
      throw ProgramFailure(.wrongInput, "XDG_RUNTIME_DIR is not set; name a --socket")
    }
    guard let database = try database?.url() ?? places.database() else {
      throw ProgramFailure(.wrongInput, "there is no home directory; name a --database")
    }
    let licenseKey = try licenseKey.map { try PublicKeyFile.read($0, option: "--license-key") }
    try Folder.prepareForSocket(socket, option: "--socket")
    let cluster = cluster
    var configuration = BalancerConfiguration(
      id: name, cluster: cluster, listen: (listen.host, listen.port), advertise: advertise,
      socketPath: socket, registryKind: database.kind.rawValue,
      openRegistry: { () throws(RegistryFailure) in
        try await database.openRegistry(cluster: cluster)
      }, reservationSeconds: reservationSeconds, licenseKey: licenseKey, limits: limits.limits,
      logger: logger)
    configuration.slowStartSeconds = slowStart
    configuration.allowsPlaintextOperators = allowPlaintextOperators
    configuration.tls = try trust.identity(logger)
    configuration.authorities = try trust.authorities(logger)
    let tls = configuration.tls != nil
    do {
      let balancer = try BalancerDaemon(configuration)
      let services = balancer.services { port in
        DaemonOptions.sayReady(name, host: listen.host, port: port, tls: tls)
      }
      let watch = trust.watch(configuration.tls, logger: logger) {
        balancer.replace(authorities: $0)
      }
      try await daemon.run(services + [watch], logger: logger)
    } catch let error as BalancerCannotStart {
      throw ProgramFailure(.wrongInput, error.plainWords)
    } catch let error as BalancerExpelled {
      throw ProgramFailure(.refused, error.plainWords)
    } catch let error as RegistryFailure {
      throw ProgramFailure(.wrongInput, "--database: \(error.plainWords)")
    }
  }
}

/// Reads the values of its options.
extension BalancerCommand {
  private static func clusterName(_ text: String) throws -> String {
    guard !text.isEmpty else { throw ValidationError("it must not be empty") }
    // The registry refuses more names when it makes a cluster; an existing cluster keeps its name.
    return try checkedArgument { () throws(InvalidValue) in
      try PlainText.checkedKept(text, field: "it")
    }
  }
}
