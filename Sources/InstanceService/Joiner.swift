internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hosting
internal import Logging
internal import ServiceLifecycle
internal import ServiceSupport
internal import Synchronization

/// Asks balancers to let the instance join, for as long as it runs.
final class Joiner: ServiceLifecycle.Service {
  private let configuration: InstanceConfiguration
  private let core: InstanceCore
  private let keeper: DocumentKeeper
  private let port: OneTimeValue<Int>
  private let schedule: Mutex<JoinSchedule>
  private let alarm = Alarm()

  init(
    _ configuration: InstanceConfiguration, core: InstanceCore, keeper: DocumentKeeper,
    port: OneTimeValue<Int>
  ) {
    self.configuration = configuration
    self.core = core
    self.keeper = keeper
    self.port = port
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

  /// A balancer speaks for a registry that this instance does not know.
  func hurry() {
    schedule.withLock { $0.hurry() }
    alarm.ring()
  }

  func run() async throws {
    guard !configuration.join.isEmpty else {
      try? await gracefulShutdown()
      return
    }
    let transport = HTTPTransport(authorities: configuration.authorities)
    await cancelWhenGracefulShutdown {
      guard let request = try? await self.request() else { return }
      await self.keepJoining(request, over: transport)
    }
    await transport.shutDown()
  }

  private func request() async throws -> JoinRequest {
    let port = try await port.value
    let listen = configuration.listen
    let address =
      try configuration.advertise ?? Address(host: listen.host, port: port, field: "listen")
    return JoinRequest(
      address: address, servicesAddress: configuration.servicesAddress,
      role: .server(configuration.services), maximum: configuration.maximum,
      version: ProgramVersion.current, startedAt: core.read(\.startedAt),
      tls: configuration.tls != nil)
  }

  private func keepJoining(_ request: JoinRequest, over transport: HTTPTransport) async {
    var complaint: String?
    while !Task.isCancelled {
      let (due, place) = schedule.withLock { ($0.dueAt, $0.endpoint) }
      let wait = due - SystemClock.monotonicMilliseconds
      guard wait <= 0 else {
        await alarm.wait(milliseconds: wait)
        continue
      }
      let endpoint = configuration.join[place]
      let failure = await join(request, at: endpoint, over: transport)
      guard !Task.isCancelled else { return }
      let now = SystemClock.monotonicMilliseconds
      schedule.withLock { schedule in
        if failure == nil {
          schedule.answered(now: now)
        } else {
          schedule.failed(now: now, jitter: Double.random(in: 0...1))
        }
      }
      // One line for each new reason, not one for each try.
      if let failure, failure != complaint {
        configuration.logger.warning(
          "Not joined; trying again", metadata: ["at": "\(endpoint)", "reason": "\(failure)"])
      } else if failure == nil, complaint != nil {
        configuration.logger.notice("Joined", metadata: ["at": "\(endpoint)"])
      }
      complaint = failure
    }
  }

  /// One try.
  ///
  /// - Returns: Why it failed; nil where a balancer answered for the cluster.
  private func join(
    _ request: JoinRequest, at endpoint: Endpoint, over transport: HTTPTransport
  ) async -> String? {
    do {
      var access = RemoteAccess(allowsPlaintext: configuration.allowsPlaintextToken)
      if let file = configuration.tokenFile { access.token = try file.read() }
      let connection = access.connection(to: endpoint, over: transport)
      var request = request
      request.obeys = core.read { life in
        life.desired.map { _ in
          DesiredAnswer(revision: life.confirmedRevision, digest: life.confirmedDigest)
        }
      }
      let answer = try await connection.join(core.id, request)
      if case .outdated(let known) = try await keeper.take(answer, from: endpoint) {
        configuration.logger.warning(
          "The balancer knows less than this instance was told before; keeping to that",
          metadata: ["revision": "\(known)"])
      }
      return nil
    } catch ClientFailure.problem(let problem) where problem.name == .removed {
      return await takeRemoval(problem)
    } catch {
      return PlainText.cleaned("\(error)")
    }
  }

  /// The instance was removed: it obeys that, and asks again now and then until it is added.
  private func takeRemoval(_ problem: Problem) async -> String? {
    guard let document = problem.desired, keeper.key != nil else {
      return PlainText.cleaned(problem.detail)
    }
    do {
      _ = try await keeper.take(document)
      return nil
    } catch {
      return PlainText.cleaned("\(error)")
    }
  }
}
