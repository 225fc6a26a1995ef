package import ClusterClient
package import ClusterModel
package import ClusterTrust
internal import Hosting
package import Logging
package import ServiceSupport

/// How an instance daemon is set up.
package struct InstanceConfiguration: Sendable {
  package var id: InstanceID
  /// What it says of itself; it is a server.
  package var profile: InstanceProfile
  /// Where clients and balancers reach it; port 0: any free one.
  package var listen: (host: String, port: Int)
  /// What it tells balancers as its address, where that is not `listen`.
  package var advertise: Address?
  /// Where its services (AIF) are reached, for a network load balancer; shown to operators.
  package var servicesAddress: Address?
  /// The balancers that it asks to let it join, in turn; none: an operator adds it.
  package var join: [Endpoint]
  /// Keeps what it must do over restarts. Made if it is missing.
  package var stateDirectory: String
  /// The only key it trusts, whatever a balancer answers to a join.
  package var clusterKey: ClusterPublicKey?
  /// The Unix socket for operators on this machine.
  package var socketPath: String?
  /// Then clients and balancers reach it over TLS and no other way.
  package var tls: TLSIdentity?
  /// Holds the access token for joining over TCP; read again for each try, so that it can be
  /// exchanged while the instance runs.
  package var tokenFile: TokenFile?
  /// Who signs the certificates of balancers; nil: the system's.
  package var authorities: CertificateAuthorities?
  /// The token goes over the network in plain text, too.
  package var allowsPlaintextToken = false
  /// Where network load balancers ask how it is; port 0: any free one.
  package var agentListen: (host: String, port: Int)?
  /// Where the connections of its sessions lead; nil: nowhere.
  package var application: Application?
  /// Who may open such a connection over TCP; empty: everybody.
  package var allowedToConnect: [NetworkRange] = []
  /// It looks at the application with connections of its own.
  package var checksApplication = true
  /// It keeps clients away from an application that ends every connection at once.
  package var guardsApplication = true
  /// The application is told with the PROXY protocol who its client is.
  package var speaksProxyProtocol = false
  /// How long other servers may take to say how busy they are, where no balancer does.
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

  /// It listens on every address of the machine.
  var listensEverywhere: Bool { Address.isWildcard(listen.host) }

  /// The application's health; nil where there is none.
  var applicationHealth: ApplicationHealth? {
    application.map { _ in
      ApplicationHealth(.init(checks: checksApplication, guards: guardsApplication))
    }
  }

  /// Its own address would lead every connection back to it.
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
