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
  /// Where it listens for clients.
  package var listen: (host: String, port: Int)
  /// The address for others, if it is not `listen`.
  package var advertise: Address?
  /// The Unix socket for operators and instances on this machine.
  package var socketPath: String?
  /// `sqlite` or `postgres`.
  package var registryKind: String
  /// Opens the registry. It is called again while it fails with `unavailable`.
  package var openRegistry: @Sendable () async throws(RegistryFailure) -> any ClusterRegistry
  /// How long a handshake reserves a place; 0: not at all.
  package var reservationSeconds: Int
  /// How long the share of new clients of a returning server rises; 0: it has its full share at
  /// once.
  package var slowStartSeconds = 0
  /// After this time of silence an instance is unreachable.
  package var silenceMilliseconds: Int64
  /// How long a change waits after its commit for the instance to obey.
  package var deliveryMilliseconds: Int64
  /// How long a change waits for the registry. A list waits half as long.
  package var registryMilliseconds = TimeLimit.registryChange
  /// How long an instance may take to answer a question.
  package var instanceMilliseconds = TimeLimit.instanceAnswer
  /// How long a search for sessions waits for all instances together.
  package var searchMilliseconds = TimeLimit.search
  /// The identity for TLS. If there is one, the balancer speaks only TLS.
  package var tls: TLSIdentity?
  /// The signers of the certificates of instances and other balancers; nil: those of the system.
  package var authorities: CertificateAuthorities?
  /// Whether changes from other machines are accepted over plain text, too.
  package var allowsPlaintextOperators = false
  /// The public key that verifies licenses; nil: no license is trusted.
  package var licenseKey: ClusterPublicKey?
  /// The history before its start, for charts. Its own values follow. Nil: unknown.
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
