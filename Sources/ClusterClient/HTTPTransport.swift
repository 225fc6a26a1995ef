internal import AsyncHTTPClient
public import ClusterModel
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import Synchronization

/// Owns the sockets of a program: one transport for all its connections, shut down at its end.
///
/// Requests share a small pool of open connections for each host. An event stream has its own
/// connection, which is never pooled, so that a thousand streams to one host do not block requests.
public final class HTTPTransport: Sendable {
  /// How many milliseconds a connection may take until it is established.
  public let connectMilliseconds: Int64
  /// How many milliseconds a whole answer may take, unless a call says otherwise.
  public let answerMilliseconds: Int64
  /// The most bytes of an answer, unless a call says otherwise.
  public let longestAnswer: Int

  /// For programs of operators and clients: a snapshot of 10,000 instances is about 8 MiB.
  public static let longestPicture = 64 << 20

  enum Purpose: Hashable {
    case requests
    /// Streams that may be silent for this long. The limit belongs to a whole `HTTPClient`, so
    /// there is one client for each value in use; there are few values.
    ///
    /// - Parameter isSieved: Whether heartbeats are kept from the reader.
    case streams(silenceMilliseconds: Int64, rate: StreamRate?, isSieved: Bool = false)
  }

  /// A name and its number, where a connection must know both, because the certificate is for the
  /// name.
  struct Place: Hashable {
    var name: String
    var number: String
  }

  private struct Key: Hashable {
    var purpose: Purpose
    var place: Place?
  }

  private struct State {
    var clients: [Key: OwnedClient] = [:]
    /// All clients that somebody still uses.
    var living: [WeakClient] = []
    var authorities: CertificateAuthorities?
    /// For connections that do not speak HTTP.
    var context: NIOSSLContext?
    var isShutDown = false
  }

  /// Above this number clients are released here; a user of one keeps it.
  private static let mostClients = 16_384

  private let state: Mutex<State>
  let hosts: HostLookup
  let budget: ConnectionBudget
  let watches = StreamWatches()

  /// - Parameters:
  ///   - connectMilliseconds: How long a connection may take until it is established.
  ///   - answerMilliseconds: How long a whole answer may take, unless a call says otherwise.
  ///   - longestAnswer: A daemon allows a few KiB, since the other side may be hostile.
  ///   - authorities: Signers of the trusted certificates; nil: those of the system.
  ///   - hosts: Looks up the numbers of names.
  ///   - budget: Asked before each request and each stream.
  public init(
    connectMilliseconds: Int64 = TimeLimit.connecting,
    answerMilliseconds: Int64 = TimeLimit.question, longestAnswer: Int = longestPicture,
    authorities: CertificateAuthorities? = nil, hosts: HostLookup = HostLookup(),
    budget: ConnectionBudget = .unlimited
  ) {
    self.connectMilliseconds = connectMilliseconds
    self.answerMilliseconds = answerMilliseconds
    self.longestAnswer = longestAnswer
    self.hosts = hosts
    self.budget = budget
    state = Mutex(State(authorities: authorities))
  }

  /// Makes one thread serve every connection of the process, instead of one thread for each
  /// processor. This is for a program that talks to one balancer. Call it before the first
  /// connection.
  package static func useOneThread() { NIOSingletons.groupLoopCountSuggestion = 1 }

  /// Trusts other authorities for new connections. Open connections stay.
  public func replace(authorities: CertificateAuthorities) {
    state.withLock { state in
      state.authorities = authorities
      state.context = nil
      state.clients = [:]
    }
  }

  /// Closes every connection. Current requests and streams fail, and later ones are refused.
  public func shutDown() async {
    let clients = state.withLock { state in
      defer { (state.clients, state.living) = ([:], []) }
      state.isShutDown = true
      return state.living.compactMap(\.client)
    }
    for client in clients { try? await client.http.shutdown() }
  }

  /// - Parameter place: For a host whose certificate is for its name.
  func client(
    for purpose: Purpose, at place: Place? = nil
  ) throws(ClientFailure) -> OwnedClient {
    let key = Key(purpose: purpose, place: place)
    let client: OwnedClient? = state.withLock { state in
      if state.isShutDown { return nil }
      if let known = state.clients[key] { return known }
      var configuration = configuration(for: purpose, state.authorities, isNamed: place != nil)
      if let place {
        // A URL may keep the case of its host or not.
        configuration.dnsOverride = [place.name: place.number]
        configuration.dnsOverride[place.name.lowercased()] = place.number
      }
      let made = OwnedClient(HTTPClient(configuration: configuration))
      if state.clients.count >= Self.mostClients { state.clients = [:] }
      if state.living.count > 2 * state.clients.count + 16 {
        state.living.removeAll { $0.client == nil }
      }
      state.living.append(WeakClient(client: made))
      state.clients[key] = made
      return made
    }
    guard let client else { throw .unreachable("the client is shut down") }
    return client
  }

  /// How connections that are not requests speak TLS.
  ///
  /// - Throws: Where BoringSSL refuses the authorities.
  func tunnelContext() throws -> NIOSSLContext {
    try state.withLock { state in
      if let known = state.context { return known }
      var tls = TLSConfiguration.makeClientConfiguration()
      if let trusted = state.authorities?.certificates { tls.trustRoots = .certificates(trusted) }
      let made = try NIOSSLContext(configuration: tls)
      state.context = made
      return made
    }
  }

  private func configuration(
    for purpose: Purpose, _ authorities: CertificateAuthorities?, isNamed: Bool
  ) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.decompression = .disabled
    configuration.httpVersion = .http1Only
    // Otherwise each of many names would read the system's file.
    if let trusted = authorities?.certificates ?? (isNamed ? Self.systemCertificates : nil) {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .certificates(trusted)
      configuration.tlsConfiguration = tls
    }
    configuration.timeout = .init(connect: .milliseconds(connectMilliseconds))
    // The caller decides when to retry: a refused connection is an answer.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.idleTimeout = .seconds(30)
    switch purpose {
    case .requests:
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
    case .streams(let silence, let rate, let isSieved):
      configuration.http1_1ConnectionDebugInitializer = { [watches] channel in
        channel.eventLoop.submit {
          let pipeline = channel.pipeline.syncOperations
          if let rate { try pipeline.addHandler(SocketMeter(rate), position: .first) }
          guard isSieved else { return }
          let decoder = try pipeline.handler(
            type: ByteToMessageHandler<HTTPResponseDecoder>.self)
          let sieve = HeartbeatSieve(watches, silenceMilliseconds: silence)
          try pipeline.addHandler(sieve, position: .after(decoder))
        }
      }
      // The sieve checks this itself: the client does not see the bytes that would restart its
      // timer.
      if !isSieved { configuration.timeout.read = .milliseconds(silence) }
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_000_000
    }
    return configuration
  }

  /// Nil where they are in another place, which BoringSSL then finds itself.
  private static let systemCertificates = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
  ].lazy.compactMap { try? NIOSSLCertificate.fromPEMFile($0) }.first
}

/// An `HTTPClient` must be shut down before it is released. This class does so when nobody uses it.
final class OwnedClient: Sendable {
  let http: HTTPClient

  init(_ http: HTTPClient) { self.http = http }

  deinit { http.shutdown { _ in } }
}

private struct WeakClient {
  weak var client: OwnedClient?
}
