internal import ClusterClient
internal import Dashboard
internal import ProgramSupport
internal import Recordings
internal import TerminalScreen

/// A living cluster: the feed of one of its balancers, and the answers of that balancer.
struct FeedSource: EventSource {
  private let cluster: Cluster
  /// The balancer on the screen. Requests and changes go to it.
  private var endpoint: Endpoint
  /// The operator's commands for looking back.
  private let wishes: AsyncStream<Seek>.Continuation
  /// Changes that were sent and have no answer yet.
  private var pending: [RequestToken: Order] = [:]

  /// - Parameter name: The name of an endpoint on the screen.
  init(
    endpoints: [Endpoint], access: RemoteAccess = RemoteAccess(), recorder: Recorder?,
    name: @escaping @Sendable (Endpoint) -> String
  ) throws(Failure) {
    let inbox: Mailbox<FeedInbox>
    do { inbox = try Mailbox(FeedInbox()) } catch { throw Failure(.unreachable, error.description) }
    let past = SessionPast(folders: Surroundings.largeTemporaryFolders)
    wishes = Self.lookBack(on: past, into: inbox)
    cluster = Cluster(
      endpoints: endpoints, access: access, inbox: inbox, past: past, recorder: recorder,
      name: name)
    endpoint = endpoints[0]
  }

  /// Looks back in a separate task, one command after the other, since a large cluster has much to
  /// read.
  private static func lookBack(
    on past: SessionPast, into inbox: Mailbox<FeedInbox>
  ) -> AsyncStream<Seek>.Continuation {
    let (wishes, continuation) = AsyncStream.makeStream(of: Seek.self)
    Task.detached {
      var lookBack = LookBack(past)
      for await wish in wishes {
        let picture = lookBack.seek(wish, at: Surroundings.monotonicMilliseconds)
        inbox.post { $0.add(.past(picture)) }
      }
    }
    return continuation
  }

  var descriptors: [Int32] { [cluster.inbox.descriptor] }

  mutating func start() -> [Event] {
    cluster.start()
    return []
  }

  mutating func nextEvents(at now: Int64) -> [Event] {
    let (events, opened) = cluster.inbox.collect { ($0.takeAll(), $0.endpoint) }
    endpoint = opened ?? endpoint
    for case .answer(let token, _) in events { pending[token] = nil }
    return events
  }

  mutating func carryOut(_ effect: Effect, at now: Int64) -> [Event] {
    switch effect {
    case .reconnectNow: cluster.reconnectNow()
    case .sessions(let token, let id):
      cluster.ask(token, at: endpoint) { await Answer.sessions(of: id, over: $0) }
    case .findSessions(let token, let query):
      cluster.ask(token, at: endpoint) { await Answer.sessions(matching: query, over: $0) }
    case .endSessions(let token, let sessions):
      cluster.ask(token, at: endpoint) { await Answer.ended(sessions, over: $0) }
    case .history(let token, let minutes):
      cluster.ask(token, at: endpoint) { await Answer.history(minutes: minutes, over: $0) }
    case .dryRun(let token, let order):
      cluster.ask(token, at: endpoint) { await order.send(over: $0, dryRun: true) }
    case .perform(let token, let order):
      pending[token] = order
      cluster.ask(token, at: endpoint) { await order.send(over: $0, dryRun: false) }
    case .seek(let wish): wishes.yield(wish)
    case .quit, .suspend, .redraw, .copy, .bell: break
    }
    return []
  }

  /// No change is lost silently: this waits for the answers to what was sent and reports them.
  /// Every request has its own time limit, and Ctrl-C ends the wait.
  mutating func finish() {
    guard !pending.isEmpty else { return }
    for order in pending.values {
      console.error("waiting for the answer to: \(order.summary) (Ctrl-C leaves)")
    }
    let signals = EndSignals()
    while !pending.isEmpty,
      Waiting.wait(for: cluster.inbox.descriptor, orUntil: signals.descriptor) == .happened
    {
      for case .answer(let token, let answer) in cluster.inbox.collect({ $0.takeAll() }) {
        guard let order = pending.removeValue(forKey: token) else { continue }
        console.error("\(order.summary): \(answer.sentence)")
      }
    }
  }
}

extension Answer {
  fileprivate var sentence: String {
    switch self {
    case .done(_, true, _): "done"
    case .done(_, false, _): "done; the instance was not told yet"
    case .sessions, .history, .found, .ended: "answered"
    case .refused(let words, _): "refused: \(words)"
    case .failed(let words): "no answer: \(words)"
    }
  }
}
