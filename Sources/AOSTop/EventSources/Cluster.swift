internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import ProgramSupport
internal import TerminalScreen

/// The cluster as the loop of the screen sees it: everything that takes time happens in other
/// tasks, and what comes of it lands in the mailbox.
struct Cluster: Sendable {
  let inbox: Mailbox<FeedInbox>
  private let transport: HTTPTransport
  private let access: RemoteAccess
  private let watcher: ClusterWatcher
  private let recorder: Recorder?
  /// How an endpoint is called on the screen.
  private let name: @Sendable (Endpoint) -> String

  /// Minutes of load that the sparklines show.
  private static let historyMinutes = 5

  init(
    endpoints: [Endpoint], access: RemoteAccess, inbox: Mailbox<FeedInbox>, recorder: Recorder?,
    name: @escaping @Sendable (Endpoint) -> String
  ) {
    self.inbox = inbox
    self.recorder = recorder
    self.name = name
    self.access = access
    transport = HTTPTransport(authorities: access.authorities)
    watcher = ClusterWatcher(
      endpoints: endpoints, token: access.token, transport: transport)
  }

  /// Begins to watch. The task is detached: the loop keeps the main thread for itself.
  func start() {
    Task.detached { await watcher.run { event in take(event) } }
  }

  func reconnectNow() { watcher.reconnectNow() }

  /// Asks a balancer; the answer comes as an event with this token.
  func ask(
    _ token: RequestToken, at endpoint: Endpoint,
    _ question: @escaping @Sendable (ClusterConnection) async -> Answer
  ) {
    let connection = access.connection(to: endpoint, over: transport)
    Task.detached {
      let answer = await question(connection)
      inbox.post { $0.add(.answer(token, answer)) }
    }
  }

  private func take(_ event: WatchEvent) {
    let notice = recorder?.take(event, at: Surroundings.monotonicMilliseconds)
    inbox.post { inbox in
      inbox.add(self.event(for: event), from: event.endpoint)
      if let notice { inbox.add(.recording(notice)) }
    }
    guard case .connected(let endpoint) = event else { return }
    fetchHistory(from: endpoint)
    fetchAccess(from: endpoint)
  }

  /// Whether changes are taken there.
  private func fetchAccess(from endpoint: Endpoint) {
    let connection = access.connection(to: endpoint, over: transport)
    Task.detached {
      guard let answer = try? await connection.ownAccess() else { return }
      inbox.post { $0.add(.access(refusal: answer.refusal)) }
    }
  }

  /// What was before, for the sparklines and the charts of the cluster. Without it they begin now.
  private func fetchHistory(from endpoint: Endpoint) {
    let connection = access.connection(to: endpoint, over: transport)
    Task.detached {
      guard let history = try? await connection.history(minutes: Self.historyMinutes) else {
        return
      }
      // Of the servers some minutes: an hour of many would be too much to read.
      let hour = try? await connection.history(isOfCluster: true)
      let whole = BalancerHistory(history, cluster: hour)
      inbox.post { $0.add(.history(whole)) }
    }
  }

  private func event(for event: WatchEvent) -> Event {
    switch event {
    case .connecting(let endpoint): .connecting(endpoint: name(endpoint))
    case .connected(let endpoint): .live(endpoint: name(endpoint))
    case .snapshot(let snapshot): .snapshot(snapshot)
    case .change(let change): .change(change)
    case .action(let action): .action(action)
    case .event(let event): .event(event)
    case .lost(_, let failure, let wait):
      .lost(reason: "\(failure)", retryAt: Surroundings.monotonicMilliseconds + wait)
    }
  }
}

extension WatchEvent {
  /// The balancer whose feed was opened, where that is what happened.
  fileprivate var endpoint: Endpoint? {
    if case .connected(let endpoint) = self { endpoint } else { nil }
  }
}
