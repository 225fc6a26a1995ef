internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import ProgramSupport
internal import Recordings
internal import TerminalScreen

/// aostop without a screen: one picture, one snapshot, or a stream of changes.
enum Printing {
  /// Runs an operation in a separate task and waits for it.
  ///
  /// - Parameters:
  ///   - end: A descriptor that ends the wait and cancels the task; the result is then nil.
  ///   - output: The output of the operation: the task is cancelled when its reader leaves.
  /// - Throws: `Failure.readerLeft` in that case.
  static func run<Value: Sendable>(
    orUntil end: Int32, readerOf output: OutputDescriptor? = nil,
    _ operation: @escaping @Sendable () async -> Value
  ) throws(Failure) -> Value? {
    let box: Mailbox<Value?>
    do { box = try Mailbox(nil) } catch { throw Failure(.unreachable, error.description) }
    let task = Task.detached {
      let value = await operation()
      box.post { $0 = value }
    }
    switch Waiting.wait(for: box.descriptor, orUntil: end, readerOf: output) {
    case .happened: return box.collect { $0 }
    case .calledOff:
      task.cancel()
      return nil
    case .readerLeft:
      task.cancel()
      throw .readerLeft
    }
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
    if let text = try result?.get() { try console.text(text) }
  }

  /// Prints and records the feed until a signal comes or the reader leaves. A lost feed is opened
  /// again; if no feed could ever be opened, this fails.
  static func stream(
    from endpoints: [Endpoint], _ access: RemoteAccess, to recorder: Recorder?, prints: Bool,
    orUntil end: Int32
  ) throws(Failure) {
    let output = prints ? OutputDescriptor.standardOutput : nil
    let failure = try run(orUntil: end, readerOf: output) { () async -> Failure in
      let tries = EndpointTries(count: endpoints.count, recorder: recorder, prints: prints)
      let watcher = ClusterWatcher(
        endpoints: endpoints, token: access.token,
        transport: HTTPTransport(authorities: access.authorities))
      let watching = Task { await watcher.run { event, text in await tries.receive(event, text) } }
      defer { watching.cancel() }
      return await withTaskCancellationHandler {
        await tries.failure
      } onCancel: {
        watching.cancel()
      }
    }
    if let failure { throw failure }
    // There was nothing to do but to record.
    if !prints, let recorder, recorder.hasLost {
      throw Failure(.wrongInput, "--record: \(recorder.path): not everything was recorded")
    }
  }
}

/// Prints the events of a watcher, and notes whether it has ever reached a balancer.
private actor EndpointTries {
  private let count: Int
  private let recorder: Recorder?
  private var feed = FollowedFeed()
  private let prints: Bool
  private var wasLive = false
  private var failures: [Failure] = []
  /// Why nothing more is printed.
  private var end: Failure?
  private var waiter: CheckedContinuation<Failure, Never>?

  init(count: Int, recorder: Recorder?, prints: Bool) {
    self.count = count
    self.recorder = recorder
    self.prints = prints
  }

  /// Comes when every endpoint has failed and none has ever answered, or when output cannot be
  /// written.
  var failure: Failure {
    get async {
      if let end { return end }
      return await withCheckedContinuation { waiter = $0 }
    }
  }

  private func end(with failure: Failure) {
    guard end == nil else { return }
    end = failure
    waiter?.resume(returning: failure)
    waiter = nil
  }

  private func show(_ value: some Encodable) {
    guard prints, end == nil else { return }
    do throws(Failure) { try console.json(value) } catch { end(with: error) }
  }

  private func keep(_ event: WatchEvent, _ text: String?) {
    let now = Surroundings.monotonicMilliseconds
    guard let recorder, let news = feed.follow(Event(event, at: now, name: \.description), at: now)
    else { return }
    switch recorder.record(news, text: text, at: now) {
    case .running(let words), .stopped(let words): console.error(words)
    case nil: break
    }
  }

  func receive(_ event: WatchEvent, _ text: String?) {
    keep(event, text)
    switch event {
    case .connecting: break
    case .connected: wasLive = true
    case .snapshot(let value): show(["snapshot": value])
    case .change(let value): show(["change": value])
    case .action(let value): show(["action": value])
    case .event(let value): show(["event": value])
    case .lost(let endpoint, let failure, _):
      let failure = Failure(failure, at: endpoint)
      if wasLive { failure.lines.forEach(console.error) } else { failures.append(failure) }
      guard !wasLive, failures.count >= count else { return }
      let isRefused = failures.contains { $0.status == .refused }
      end(with: Failure(isRefused ? .refused : .unreachable, failures.flatMap(\.lines)))
    }
  }
}
