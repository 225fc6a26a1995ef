internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hosting
internal import Logging
internal import ServiceLifecycle
internal import ServiceSupport
internal import Synchronization

/// Asks balancers to join the instance, as long as it runs.
final class Joiner: ServiceLifecycle.Service {
  private let configuration: InstanceConfiguration
  private let core: InstanceCore
  private let keeper: DocumentKeeper
  private let port: OneTimeValue<Int>
  private let agentPort: OneTimeValue<Int>
  private let schedule: Mutex<JoinSchedule>
  private let alarm = Alarm()
  /// For this long after its start it is usual that a balancer does not answer yet, since both may
  /// have been started together. In milliseconds.
  private static let usualStart: Int64 = 5_000
  private let transport: HTTPTransport

  private var logger: Logger { configuration.logger }

  init(
    _ configuration: InstanceConfiguration, core: InstanceCore, keeper: DocumentKeeper,
    port: OneTimeValue<Int>, agentPort: OneTimeValue<Int>
  ) {
    self.configuration = configuration
    self.core = core
    self.keeper = keeper
    self.port = port
    self.agentPort = agentPort
    transport = HTTPTransport(
      longestAnswer: Limits.keyStepsBytes, authorities: configuration.authorities,
      budget: ConnectionBudget(
        enter: { DescriptorLedger.process.outgoingBegins(givesWay: $0) },
        leave: { DescriptorLedger.process.outgoingEnded() }))
    schedule = Mutex(
      JoinSchedule(
        endpointCount: max(1, configuration.join.count),
        now: SystemClock.monotonicMilliseconds))
  }

  /// How many balancers read the load feed now.
  func readersChanged(to count: Int) {
    schedule.withLock {
      $0.readersChanged(to: count, now: SystemClock.monotonicMilliseconds)
    }
    alarm.ring()
  }

  /// Trusts these authorities for balancers from now on, and asks at once.
  func replace(authorities: CertificateAuthorities) {
    transport.replace(authorities: authorities)
    hurry()
  }

  /// A balancer belongs to a registry that this instance does not know.
  func hurry() {
    schedule.withLock { $0.hurry() }
    alarm.ring()
  }

  func run() async throws {
    guard !configuration.join.isEmpty else {
      try? await gracefulShutdown()
      await transport.shutDown()
      return
    }
    await cancelWhenGracefulShutdown {
      guard let request = try? await self.request() else { return }
      await self.keepJoining(request)
    }
    await transport.shutDown()
  }

  private func request() async throws -> JoinRequest {
    let port = try await port.value
    let listen = configuration.listen
    let address =
      try configuration.advertise ?? Address(host: listen.host, port: port, field: "listen")
    return JoinRequest(
      reach: InstanceReach(
        address, servicesAddress: configuration.servicesAddress,
        agentAddress: try await agentAddress(of: address), tls: configuration.tls != nil),
      profile: configuration.profile,
      version: ProgramVersion.current, startedAt: core.read(\.startedAt))
  }

  /// - Parameter address: The address of the instance. The agent is on the same machine if it
  ///   listens on all addresses.
  private func agentAddress(of address: Address) async throws -> Address? {
    guard let agent = configuration.agentListen else { return nil }
    let isEverywhere = Address.isWildcard(agent.host)
    return try Address(
      host: isEverywhere ? address.host : agent.host, port: try await agentPort.value,
      field: "agent-listen")
  }

  private func keepJoining(_ request: JoinRequest) async {
    var complaint: String?
    var hasJoined = false
    let startedAt = SystemClock.monotonicMilliseconds
    while !Task.isCancelled {
      let (due, place) = schedule.withLock { ($0.dueAt, $0.endpoint) }
      let wait = due - SystemClock.monotonicMilliseconds
      guard wait <= 0 else {
        await alarm.wait(milliseconds: wait)
        continue
      }
      let endpoint = configuration.join[place]
      let failure = await join(request, at: endpoint)
      guard !Task.isCancelled else { return }
      let now = SystemClock.monotonicMilliseconds
      schedule.withLock { schedule in
        if failure == nil {
          schedule.answered(now: now)
        } else {
          schedule.failed(now: now, jitter: Double.random(in: 0...1))
        }
      }
      hasJoined = hasJoined || failure == nil
      if let failure, failure.isUsualAtStart, !hasJoined, now - startedAt < Self.usualStart {
        logger.debug(
          "Not joined yet", metadata: ["at": "\(endpoint)", "reason": "\(failure.words)"])
        continue
      }
      // One line for each new reason, not one for each try.
      if let failure, failure.words != complaint {
        logger.warning(
          "Not joined; trying again",
          metadata: ["at": "\(endpoint)", "reason": "\(failure.words)"])
      } else if failure == nil, complaint != nil {
        logger.notice("Joined", metadata: ["at": "\(endpoint)"])
      }
      complaint = failure?.words
    }
  }

  /// Why a try failed.
  private struct Failure {
    var words: String
    /// Whether nobody answers yet, or the registry is not open yet: this passes by itself if both
    /// daemons were started together.
    var isUsualAtStart = false
  }

  /// Makes one try.
  ///
  /// - Returns: Why it failed; nil where a balancer answered for the cluster.
  private func join(_ request: JoinRequest, at endpoint: Endpoint) async -> Failure? {
    do {
      var access = RemoteAccess(allowsPlaintext: configuration.allowsPlaintextToken)
      if let file = configuration.tokenFile { access.token = try file.read() }
      let connection = access.connection(to: endpoint, over: transport)
      var request = request
      let document = keeper.document
      request.obeys = core.read { life in
        life.desired.map { _ in
          DesiredAnswer(
            revision: life.confirmedRevision, digest: life.confirmedDigest, desired: document)
        }
      }
      logger.debug("Asking to join", metadata: ["at": "\(endpoint)"])
      let answer = try await connection.join(core.id, request)
      logger.debug(
        "A balancer lets this instance join",
        metadata: ["at": "\(endpoint)", "cluster": "\(answer.cluster)"])
      if case .outdated(let known) = try await keeper.obey(answer, from: endpoint) {
        logger.warning(
          "The balancer knows less than this instance was told before; keeping to that",
          metadata: ["revision": "\(known)"])
      }
      return nil
    } catch ClientFailure.problem(let problem) where problem.name == .removed {
      return await takeRemoval(problem, from: endpoint).map { Failure(words: $0) }
    } catch {
      return Failure(
        words: PlainText.told(error, by: "\(endpoint)"), isUsualAtStart: Self.isUsual(error))
    }
  }

  private static func isUsual(_ error: any Error) -> Bool {
    switch error {
    case ClientFailure.unreachable: true
    case ClientFailure.problem(let problem):
      [.registryUnavailable, .notReady].contains(problem.name)
    default: false
    }
  }

  /// The instance was removed: it obeys that, and asks again from time to time until it is added.
  private func takeRemoval(_ problem: Problem, from endpoint: Endpoint) async -> String? {
    guard let document = problem.desired, keeper.key != nil else {
      return PlainText.quoted(problem.detail, by: "\(endpoint)")
    }
    do {
      _ = try await keeper.obey(document)
      return nil
    } catch {
      return PlainText.cleaned("\(error.plainWords)")
    }
  }
}
