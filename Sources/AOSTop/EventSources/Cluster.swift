internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import ProgramSupport
internal import Recordings
internal import TerminalScreen

/// The cluster for the loop of the screen. Everything that takes time happens in other tasks, and
/// the results go into the mailbox.
struct Cluster: Sendable {
  let inbox: Mailbox<FeedInbox>
  private let transport: HTTPTransport
  private let access: RemoteAccess
  private let watcher: ClusterWatcher
  private let past: SessionPast
  private let recorder: Recorder?
  /// The name of an endpoint on the screen.
  private let name: @Sendable (Endpoint) -> String

  /// How many minutes of load the sparklines show.
  private static let historyMinutes = 5

  init(
    endpoints: [Endpoint], access: RemoteAccess, inbox: Mailbox<FeedInbox>, past: SessionPast,
    recorder: Recorder?, name: @escaping @Sendable (Endpoint) -> String
  ) {
    self.inbox = inbox
    self.past = past
    self.recorder = recorder
    self.name = name
    self.access = access
    transport = HTTPTransport(authorities: access.authorities)
    watcher = ClusterWatcher(
      endpoints: endpoints, token: access.token, transport: transport)
  }

  /// Begins to watch. The task is detached, so that the main thread stays free for the loop.
  func start() {
    Task.detached { await watcher.run { event, text in receive(event, text) } }
  }

  func reconnectNow() { watcher.reconnectNow() }

  /// Asks a balancer. The answer comes as an event with this token.
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

  private func receive(_ event: WatchEvent, _ text: String?) {
    post(Event(event, at: Surroundings.monotonicMilliseconds, name: name), text, event.endpoint)
    guard case .connected(let endpoint) = event else { return }
    fetchHistory(from: endpoint)
    fetchAccess(from: endpoint)
  }

  /// Passes an event to the screen, and records it.
  ///
  /// - Parameters:
  ///   - text: Its JSON as it was received.
  ///   - opened: The balancer whose feed has just been opened.
  private func post(_ event: Event, _ text: String?, _ opened: Endpoint? = nil) {
    let now = Surroundings.monotonicMilliseconds
    let news = inbox.post { $0.add(event, from: opened, at: now) }
    guard let news else { return }
    let notice = past.record(news, text: text, at: now).map(Event.notice)
    let recording = recorder?.record(news, text: text, at: now).map(Event.recording)
    for event in [notice, recording] { if let event { inbox.post { $0.add(event) } } }
  }

  /// Asks whether this program may make changes there.
  private func fetchAccess(from endpoint: Endpoint) {
    let connection = access.connection(to: endpoint, over: transport)
    Task.detached {
      guard let answer = try? await connection.ownAccess() else { return }
      inbox.post { $0.add(.access(refusal: answer.refusal)) }
    }
  }

  /// Asks for the past, for the sparklines and the charts of the cluster. Without an answer they
  /// begin now.
  private func fetchHistory(from endpoint: Endpoint) {
    let connection = access.connection(to: endpoint, over: transport)
    Task.detached {
      guard let history = try? await connection.history(minutes: Self.historyMinutes) else {
        return
      }
      // For the servers only some minutes: an hour of many servers would be too much.
      let hour = try? await connection.history(isOfCluster: true)
      post(.history(BalancerHistory(history, cluster: hour)), nil)
    }
  }
}

extension Event {
  /// Translates an event of a watcher.
  ///
  /// - Parameters:
  ///   - now: Monotonic milliseconds.
  ///   - name: The name of an endpoint on the screen.
  init(_ event: WatchEvent, at now: Int64, name: (Endpoint) -> String) {
    switch event {
    case .connecting(let endpoint): self = .connecting(endpoint: name(endpoint))
    case .connected(let endpoint): self = .live(endpoint: name(endpoint))
    case .snapshot(let snapshot): self = .snapshot(snapshot)
    case .change(let change): self = .change(change)
    case .action(let action): self = .action(action)
    case .event(let event): self = .event(event)
    case .lost(_, let failure, let wait): self = .lost(reason: "\(failure)", retryAt: now + wait)
    }
  }
}

extension WatchEvent {
  /// The balancer whose feed was opened; nil for other events.
  fileprivate var endpoint: Endpoint? {
    if case .connected(let endpoint) = self { endpoint } else { nil }
  }
}
