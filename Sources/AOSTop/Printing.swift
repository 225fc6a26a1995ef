internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import TerminalScreen

/// aostop without a screen: one picture, one snapshot, or a stream of changes.
enum Printing {
  /// Runs an operation in a task of its own and waits for it.
  ///
  /// - Parameter end: A descriptor that calls the wait off and cancels the task; then nil.
  static func run<Value: Sendable>(
    orUntil end: Int32, _ operation: @escaping @Sendable () async -> Value
  ) throws(Failure) -> Value? {
    let box: Mailbox<Value?>
    do { box = try Mailbox(nil) } catch { throw Failure(.unreachable, "\(error)") }
    let task = Task.detached {
      let value = await operation()
      box.post { $0 = value }
    }
    guard Waiting.wait(for: box.descriptor, orUntil: end) else {
      task.cancel()
      return nil
    }
    return box.take { $0 }
  }

  /// Prints the answer of the first balancer that answers.
  static func snapshot(
    from endpoints: [Endpoint], _ access: RemoteAccess, orUntil end: Int32,
    as text: @escaping @Sendable (ClusterConnection.RawAnswer) throws(ClientFailure) -> String
  ) throws(Failure) {
    let result = try run(orUntil: end) { () async -> Result<String, Failure> in
      let transport = HTTPTransport(authorities: access.authorities)
      var failures: [Failure] = []
      for endpoint in endpoints {
        do throws(ClientFailure) {
          let connection = access.connection(to: endpoint, over: transport)
          return .success(try text(try await connection.raw(.get, "/v1/status")))
        } catch {
          failures.append(Failure(error, at: endpoint))
        }
      }
      let isRefused = failures.contains { $0.status == .refused }
      return .failure(
        Failure(isRefused ? .refused : .unreachable, failures.flatMap(\.lines)))
    }
    if let text = try result?.get() { Output.text(text) }
  }

  /// Prints and keeps everything the feed tells until a signal ends it. A feed that is lost is
  /// opened again, but one that was never there is a failure.
  static func stream(
    from endpoints: [Endpoint], _ access: RemoteAccess, to recorder: Recorder?, prints: Bool,
    orUntil end: Int32
  ) throws(Failure) {
    let failure = try run(orUntil: end) { () async -> Failure in
      let tries = EndpointTries(count: endpoints.count, recorder: recorder, prints: prints)
      let watcher = ClusterWatcher(
        endpoints: endpoints, token: access.token,
        transport: HTTPTransport(authorities: access.authorities))
      let watching = Task { await watcher.run { event in await tries.take(event) } }
      defer { watching.cancel() }
      return await withTaskCancellationHandler {
        await tries.failure
      } onCancel: {
        watching.cancel()
      }
    }
    if let failure { throw failure }
  }

  static func line(_ value: some Encodable) {
    // Values of the model can always be written as JSON.
    if let bytes = try? WireJSON.encode(value) { Output.json(bytes) }
  }
}

/// Prints what a watcher tells, and sees whether it ever reached anybody.
private actor EndpointTries {
  private let count: Int
  private let recorder: Recorder?
  private let prints: Bool
  private var wasLive = false
  private var failures: [Failure] = []
  private var waiter: CheckedContinuation<Failure, Never>?

  init(count: Int, recorder: Recorder?, prints: Bool) {
    self.count = count
    self.recorder = recorder
    self.prints = prints
  }

  /// Comes when every endpoint failed and none ever answered.
  var failure: Failure {
    get async { await withCheckedContinuation { waiter = $0 } }
  }

  func take(_ event: WatchEvent) {
    switch recorder?.take(event, at: Surroundings.monotonicMilliseconds) {
    case .running(let words), .stopped(let words): Output.error(words)
    case nil: break
    }
    switch event {
    case .connecting: break
    case .connected: wasLive = true
    case .snapshot(let value): if prints { Printing.line(["snapshot": value]) }
    case .change(let value): if prints { Printing.line(["change": value]) }
    case .action(let value): if prints { Printing.line(["action": value]) }
    case .lost(let endpoint, let failure, _):
      let failure = Failure(failure, at: endpoint)
      if wasLive { failure.lines.forEach(Output.error) } else { failures.append(failure) }
      guard !wasLive, failures.count >= count, let waiter else { return }
      self.waiter = nil
      let isRefused = failures.contains { $0.status == .refused }
      waiter.resume(
        returning: Failure(isRefused ? .refused : .unreachable, failures.flatMap(\.lines)))
    }
  }
}
