internal import Balancing
package import ClusterAPI
package import ClusterClient
package import ClusterModel
package import ClusterTrust
package import Logging
package import Registry
package import ServiceSupport

/// How a balancer daemon is set up.
package struct BalancerConfiguration: Sendable {
  package var id: InstanceID
  package var cluster: String
  /// Where clients reach it.
  package var listen: (host: String, port: Int)
  /// What is told to others as its address, where that is not `listen`.
  package var advertise: Address?
  /// The Unix socket for operators and instances on this machine.
  package var socketPath: String?
  /// `sqlite` or `postgres`.
  package var registryKind: String
  /// Opens the registry; tried again while that fails as `unavailable`.
  package var openRegistry: @Sendable () async throws(RegistryFailure) -> any ClusterRegistry
  /// How long a handshake reserves a place; 0: not at all.
  package var reservationSeconds: Int
  /// How long the share of new clients rises of a server that came back; 0: it has the plain one.
  package var slowStartSeconds = 0
  /// An instance that is silent for longer is unreachable.
  package var silenceMilliseconds: Int64
  /// How long a mutation waits for the instance to obey, after its commit.
  package var deliveryMilliseconds: Int64
  /// How long a change waits for the registry. A list is waited for half as long.
  package var registryMilliseconds = TimeLimit.registryChange
  /// How long an instance may take to answer a question.
  package var instanceMilliseconds = TimeLimit.instanceAnswer
  /// How long a search for sessions waits for all instances together.
  package var searchMilliseconds = TimeLimit.search
  /// Then clients reach it over TLS and no other way.
  package var tls: TLSIdentity?
  /// Who signs the certificates of instances and other balancers; nil: the system's.
  package var authorities: CertificateAuthorities?
  /// Changes are taken over plaintext from other machines, too.
  package var allowsPlaintextOperators = false
  /// The public key by which licenses are trusted; nil: none is.
  package var licenseKey: ClusterPublicKey?
  /// What was before it started, for charts; its own values follow. Nil: nothing is known.
  package var earlier: LoadHistory?
  package var limits: ServiceLimits
  package var logger: Logger

  package init(
    id: InstanceID, cluster: String, listen: (host: String, port: Int),
    advertise: Address? = nil, socketPath: String? = nil, registryKind: String,
    openRegistry: @escaping @Sendable () async throws(RegistryFailure) -> any ClusterRegistry,
    reservationSeconds: Int = 10, silenceMilliseconds: Int64 = 3_000,
    deliveryMilliseconds: Int64 = TimeLimit.delivery,
    licenseKey: ClusterPublicKey? = nil,
    limits: ServiceLimits = ServiceLimits(), logger: Logger
  ) {
    self.id = id
    self.cluster = cluster
    self.listen = listen
    self.advertise = advertise
    self.socketPath = socketPath
    self.registryKind = registryKind
    self.openRegistry = openRegistry
    self.reservationSeconds = reservationSeconds
    self.silenceMilliseconds = silenceMilliseconds
    self.deliveryMilliseconds = deliveryMilliseconds
    self.licenseKey = licenseKey
    self.limits = limits
    self.logger = logger
  }
}

extension BalancerConfiguration {
  func settings(startedAt: Timestamp, ticketMark: String) -> BalancerSettings {
    BalancerSettings(
      id: id, version: ProgramVersion.current, startedAt: startedAt, registryKind: registryKind,
      reservationMilliseconds: Int64(reservationSeconds) * 1_000,
      slowStartMilliseconds: Int64(slowStartSeconds) * 1_000,
      silenceMilliseconds: silenceMilliseconds, ticketMark: ticketMark)
  }

  var accessPolicy: AccessPolicy {
    AccessPolicy(
      isEncrypted: tls != nil, allowsPlaintextOperators: allowsPlaintextOperators)
  }
}

/// Why a balancer does not start.
package struct BalancerCannotStart: PlainError {
  package var description: String
}
