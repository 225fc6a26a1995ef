package import ClusterClient
package import ClusterModel
package import ClusterTrust
internal import Hosting
package import Logging
package import ServiceSupport

/// How an instance daemon is set up.
package struct InstanceConfiguration: Sendable {
  package var id: InstanceID
  /// Its profile; it is a server.
  package var profile: InstanceProfile
  /// Where it listens for clients and balancers; port 0: any free one.
  package var listen: (host: String, port: Int)
  /// The address for balancers, if it is not `listen`.
  package var advertise: Address?
  /// The address of its services (AIF), for a network load balancer; shown to operators.
  package var servicesAddress: Address?
  /// The balancers to join at, which are asked in turn; none: an operator adds the instance.
  package var join: [Endpoint]
  /// The folder for its orders, which survive restarts. It is made if it is missing.
  package var stateDirectory: String
  /// The only key that it trusts, whatever a balancer answers to a join.
  package var clusterKey: ClusterPublicKey?
  /// The Unix socket for operators on this machine.
  package var socketPath: String?
  /// The identity for TLS. If there is one, the instance speaks only TLS.
  package var tls: TLSIdentity?
  /// The file of the access token for joining over TCP. It is read for each try, so that it can be
  /// replaced while the instance runs.
  package var tokenFile: TokenFile?
  /// The signers of the certificates of balancers; nil: those of the system.
  package var authorities: CertificateAuthorities?
  /// Whether the token may be sent over the network in plain text.
  package var allowsPlaintextToken = false
  /// Where network load balancers ask for its state; port 0: any free one.
  package var agentListen: (host: String, port: Int)?
  /// The application of its sessions; nil: none.
  package var application: Application?
  /// The networks that may connect to it over TCP; empty: all.
  package var allowedToConnect: [NetworkRange] = []
  /// Whether it checks the application with its own connections.
  package var checksApplication = true
  /// Whether it keeps clients away from an application that ends every connection at once.
  package var guardsApplication = true
  /// Whether the application learns its client's address by the PROXY protocol.
  package var speaksProxyProtocol = false
  /// How long other servers may take to report their load, while no balancer does.
  package var peerMilliseconds = PeerLoads.answerMilliseconds
  package var limits: ServiceLimits
  package var logger: Logger

  package init(
    id: InstanceID, profile: InstanceProfile,
    listen: (host: String, port: Int), advertise: Address? = nil,
    servicesAddress: Address? = nil, join: [Endpoint] = [], stateDirectory: String,
    clusterKey: ClusterPublicKey? = nil, socketPath: String? = nil,
    agentListen: (host: String, port: Int)? = nil,
    limits: ServiceLimits = ServiceLimits(), logger: Logger
  ) {
    self.id = id
    self.profile = profile
    self.listen = listen
    self.advertise = advertise
    self.servicesAddress = servicesAddress
    self.join = join
    self.stateDirectory = stateDirectory
    self.clusterKey = clusterKey
    self.socketPath = socketPath
    self.agentListen = agentListen
    self.limits = limits
    self.logger = logger
  }
}

extension InstanceConfiguration {
  private static let loopback: Set = ["127.0.0.1", "::1", "localhost"]

  /// Whether it listens on every address of the machine.
  var listensEverywhere: Bool { Address.isWildcard(listen.host) }

  /// The health of the application; nil where there is none.
  var applicationHealth: ApplicationHealth? {
    application.map { _ in
      ApplicationHealth(.init(checks: checksApplication, guards: guardsApplication))
    }
  }

  /// Its own address as the application would lead every connection back to it.
  ///
  /// - Throws: `InstanceCannotStart`.
  func checkApplication() throws {
    let isOwn =
      switch application {
      case nil: false
      case .unix(let path): path == socketPath
      case .tcp(let address):
        address == advertise || address.port == listen.port && isOwnHost(address.host)
      }
    if isOwn { throw InstanceCannotStart("The application's address is the instance's own.") }
  }

  private func isOwnHost(_ host: String) -> Bool {
    let isLoopback = Self.loopback.contains(host)
    return host == listen.host || Address.isWildcard(host)
      || isLoopback && (listensEverywhere || Self.loopback.contains(listen.host))
  }
}

/// Why an instance does not start; the words name the place.
package struct InstanceCannotStart: PlainError {
  package var description: String

  init(_ description: String) {
    self.description = description
  }
}
