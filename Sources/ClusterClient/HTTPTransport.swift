internal import AsyncHTTPClient
public import ClusterModel
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// Owns the sockets of a program: one for all its connections, shut down at its end.
///
/// Requests share a small pool of kept connections per host. An event stream has a connection of
/// its own that is never pooled, so that a thousand streams to one host starve nothing.
public final class HTTPTransport: Sendable {
  /// Milliseconds in which a connection must stand.
  public let connectMilliseconds: Int64
  /// Milliseconds in which an answer must have arrived whole, where a call says nothing else.
  public let answerMilliseconds: Int64

  private enum Purpose: Hashable {
    case requests
    /// Streams that may be silent for this long. The limit belongs to an `HTTPClient` as a whole,
    /// so there is one for each value in use, and there are few.
    case streams(silenceMilliseconds: Int64)
  }

  private struct State {
    var clients: [Purpose: HTTPClient] = [:]
    var authorities: CertificateAuthorities?
    /// Made before the authorities were replaced: their requests and streams go on.
    var retired: [HTTPClient] = []
    var isShutDown = false
  }

  private static let mostRetired = 8

  private let state: Mutex<State>
  let budget: ConnectionBudget

  /// - Parameters:
  ///   - authorities: Who signs the certificates that are believed; nil: the system's.
  ///   - budget: Asked before each request and each stream.
  public init(
    connectMilliseconds: Int64 = TimeLimit.connecting,
    answerMilliseconds: Int64 = TimeLimit.question,
    authorities: CertificateAuthorities? = nil, budget: ConnectionBudget = .unlimited
  ) {
    self.connectMilliseconds = connectMilliseconds
    self.answerMilliseconds = answerMilliseconds
    self.budget = budget
    state = Mutex(State(authorities: authorities))
  }

  /// Trusts others for connections from now on. Connections that stand, stay.
  public func replace(authorities: CertificateAuthorities) {
    let excess = state.withLock { state in
      guard !state.isShutDown else { return [HTTPClient]() }
      state.authorities = authorities
      state.retired += state.clients.values
      state.clients = [:]
      defer { state.retired = state.retired.suffix(Self.mostRetired) }
      return Array(state.retired.dropLast(Self.mostRetired))
    }
    for client in excess { client.shutdown { _ in } }
  }

  /// An `HTTPClient` must be shut down before it goes, whoever forgot it.
  deinit {
    for client in takeClients() { client.shutdown { _ in } }
  }

  /// Closes every connection; requests and streams under way fail, later ones are refused.
  public func shutDown() async {
    for client in takeClients() { try? await client.shutdown() }
  }

  private func takeClients() -> [HTTPClient] {
    state.withLock { state in
      defer { (state.clients, state.retired) = ([:], []) }
      state.isShutDown = true
      return state.retired + state.clients.values
    }
  }

  func requestClient() throws(ClientFailure) -> HTTPClient { try client(for: .requests) }

  func streamClient(silenceMilliseconds: Int64) throws(ClientFailure) -> HTTPClient {
    try client(for: .streams(silenceMilliseconds: silenceMilliseconds))
  }

  private func client(for purpose: Purpose) throws(ClientFailure) -> HTTPClient {
    let client: HTTPClient? = state.withLock { state in
      if state.isShutDown { return nil }
      if let known = state.clients[purpose] { return known }
      let made = HTTPClient(configuration: configuration(for: purpose, state.authorities))
      state.clients[purpose] = made
      return made
    }
    guard let client else { throw .unreachable("the client is shut down") }
    return client
  }

  private func configuration(
    for purpose: Purpose, _ authorities: CertificateAuthorities?
  ) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.decompression = .disabled
    configuration.httpVersion = .http1Only
    if let authorities {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .certificates(authorities.certificates)
      configuration.tlsConfiguration = tls
    }
    configuration.timeout = .init(connect: .milliseconds(connectMilliseconds))
    // Who retries decides when: a refused connection is an answer.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.idleTimeout = .seconds(30)
    switch purpose {
    case .requests:
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
    case .streams(let silence):
      configuration.timeout.read = .milliseconds(silence)
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_000_000
    }
    return configuration
  }
}
