internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Hosting
internal import ServiceSupport
internal import Synchronization

/// The instance's life behind a lock, and the streams for its decisions.
///
/// It decides under the lock and acts outside it; nothing here ever waits for a client.
final class InstanceCore: Sendable {
  struct State {
    var life: InstanceLife
    var streams: [String: Outbox] = [:]
    var tunnels = OpenTunnels()
    var feeds: [Int: Feed] = [:]
    var nextFeed = 0
  }

  struct Feed {
    let writer: LoadFeedWriter
    /// The balancer that reads it; nil over the Unix socket.
    let reader: String?
  }

  let state: Mutex<State>
  let id: InstanceID
  let alarm = Alarm()
  /// Rings when something must be done about the application.
  let applicationAlarm = Alarm()
  /// Rings when the last session of an instance that is about to stop has ended.
  private let emptied = Alarm()

  init(_ life: InstanceLife) {
    id = life.id
    state = Mutex(State(life: life))
  }

  /// Reads from the life in its present state. Never return the whole life: if a copy is kept, the
  /// next change copies every session.
  func read<Value: Sendable>(_ body: (InstanceLife) -> Value) -> Value {
    state.withLock { body($0.life) }
  }

  var feedCount: Int { state.withLock { $0.feeds.count } }

  // MARK: Sessions

  /// Admits a client; `open` is the first event on its stream.
  ///
  /// - Returns: The session's id.
  /// - Throws: `Problem` with the reason for a refusal.
  func openSession(_ caller: Caller, on outbox: Outbox) throws -> String {
    let (session, feeds) = try state.withLock { state in
      var generator = SystemRandomNumberGenerator()
      let grant: HostedSession.Grant
      do throws(AdmissionRefusal) {
        grant = try state.life.openSession(caller, now: SystemClock.moment, using: &generator)
      } catch {
        throw Problem(error, by: id)
      }
      // This happens under the lock, so that no notice can come before it.
      outbox.put(SessionOpened(session: grant.session, secret: grant.secret).event)
      state.streams[grant.session] = outbox
      return (grant.session, state.feeds.values.map(\.writer.alarm))
    }
    for feed in feeds { feed.ring() }
    return session
  }

  /// The session's stream has ended.
  func close(_ session: String) {
    let (feeds, tunnels) = state.withLock { state in
      state.life.close(session)
      state.streams[session] = nil
      return (state.feeds.values.map(\.writer.alarm), state.tunnels.removeAll(of: session))
    }
    for tunnel in tunnels { tunnel.end() }
    for feed in feeds { feed.ring() }
    ringWhenEmptied()
  }

  func noteActivity(in session: String, secret: String) -> InstanceLife.ActivityOutcome {
    state.withLock {
      $0.life.noteActivity(in: session, secret: secret, now: SystemClock.moment)
    }
  }

  /// Ends a session for an operator.
  ///
  /// - Returns: False where there is no such session.
  func end(_ session: String) -> Bool {
    act { life in
      guard let delivery = life.end(session) else { return (false, []) }
      return (true, [delivery])
    }
  }

  // MARK: Time and documents

  /// Obeys a desired state that the cluster signed.
  func obey(_ desired: DesiredState, byJoin: Bool) -> ObeyOutcome {
    let outcome = act { life in
      let outcome = life.obey(desired, byJoin: byJoin, now: SystemClock.moment)
      guard case .obeyed(let deliveries) = outcome else { return (outcome, []) }
      return (outcome, deliveries)
    }
    alarm.ring()
    ringFeeds()
    return outcome
  }

  /// A document was stored: balancers may be told that it is obeyed.
  func kept(_ document: DesiredState) {
    act { life in
      life.kept(document)
      return ((), [])
    }
    ringFeeds()
  }

  /// Ends the sessions whose time has come.
  ///
  /// - Returns: The milliseconds until the next call; nil: after the next document.
  func tick() -> Int64? {
    // Bytes are activity, even those that nobody has asked for.
    state.withLock { $0.countTraffic() }
    return act { life in
      let now = SystemClock.moment
      let deliveries = life.tick(now: now)
      let next = life.nextDeadline(now: now)
      return (next.map { max(1, $0 - now.monotonicMilliseconds) }, deliveries)
    }
  }

  /// Admits nobody any more, tells users and balancers, and waits until the last session has ended.
  ///
  /// - Parameter milliseconds: The longest wait; nil: as long as it takes.
  func leave(milliseconds: Int64?) async {
    act { life in
      ((), life.leave(endsAt: milliseconds.map { SystemClock.now.adding(milliseconds: $0) }))
    }
    ringFeeds()
    guard read(\.connected) > 0 else { return }
    await emptied.wait(milliseconds: milliseconds)
  }

  /// There is news for the readers of the load feed.
  func ringFeeds() {
    for feed in state.withLock({ $0.feeds.values.map(\.writer.alarm) }) { feed.ring() }
  }

  func ringWhenEmptied() {
    if read({ $0.isLeaving && $0.connected == 0 }) { emptied.ring() }
  }

  /// A planned stop: says goodbye to balancers and ends every session.
  func stop() {
    act { life in ((), life.stop()) }
    let feeds = state.withLock { state in
      defer { state.feeds = [:] }
      return state.feeds.values
    }
    for feed in feeds { feed.writer.sayGoodbye() }
  }

  /// Decides under the lock, and then tells users and feeds.
  @discardableResult
  private func act<Value: Sendable>(
    _ decide: (inout InstanceLife) -> (Value, [Delivery])
  ) -> Value {
    let (value, mail, tunnels, feeds) = state.withLock { state in
      let before = state.life.connected
      let (value, deliveries) = decide(&state.life)
      let tunnels = deliveries.flatMap { delivery -> [Tunnel] in
        guard case .end = delivery.message else { return [] }
        return state.tunnels.removeAll(of: delivery.session)
      }
      let mail = deliveries.compactMap { delivery -> (Outbox, SessionMessage)? in
        guard let outbox = state.streams[delivery.session] else { return nil }
        if case .end = delivery.message { state.streams[delivery.session] = nil }
        return (outbox, delivery.message)
      }
      let isNews = state.life.connected != before
      return (value, mail, tunnels, isNews ? state.feeds.values.map(\.writer.alarm) : [])
    }
    for (outbox, message) in mail { outbox.put(message) }
    for tunnel in tunnels { tunnel.end() }
    for feed in feeds { feed.ring() }
    ringWhenEmptied()
    return value
  }

  // MARK: Load feeds

  /// The most readers of the load feed at one time: far more than a cluster has balancers.
  private static let mostFeeds = Limits.feeds

  /// Adds a reader of the load feed. Of each balancer the newest few stay, and the oldest is ended.
  /// So neither old feeds of a balancer nor a stranger with its tokens can keep it out.
  ///
  /// - Parameter reader: The balancer; nil over the Unix socket.
  /// - Returns: Its key, and the number of readers now.
  /// - Throws: `Problem`, `not-ready` while stopping, or `too-many`.
  func addFeed(
    _ writer: LoadFeedWriter, of reader: String?
  ) throws -> (key: Int, count: Int) {
    let (added, ended) = try state.withLock { state in
      guard !state.life.isStopping else { throw Problem(.stopping, by: id) }
      let ended = state.endFeeds(of: reader, leaving: Limits.feedsPerBalancer - 1)
      guard state.feeds.count < Self.mostFeeds else {
        throw Problem(.tooMany, "\(Self.mostFeeds) load feeds are open.")
      }
      state.nextFeed += 1
      state.feeds[state.nextFeed] = Feed(writer: writer, reader: reader)
      return ((key: state.nextFeed, count: state.feeds.count), ended)
    }
    for writer in ended { writer.outbox.finish() }
    return added
  }

  /// - Returns: The number of readers now.
  func removeFeed(_ key: Int) -> Int {
    state.withLock { state in
      state.feeds[key] = nil
      return state.feeds.count
    }
  }
}

extension InstanceCore.State {
  /// Removes the oldest feeds of a balancer until this many are left.
  fileprivate mutating func endFeeds(of reader: String?, leaving most: Int) -> [LoadFeedWriter] {
    guard let reader else { return [] }
    let keys = feeds.filter { $0.value.reader == reader }.keys.sorted()
    return keys.dropLast(most).compactMap { feeds.removeValue(forKey: $0)?.writer }
  }
}

extension Outbox {
  /// Writes a message to the user of a session. A client that does not read misses notices, but its
  /// session ends all the same.
  fileprivate func put(_ message: SessionMessage) {
    switch message {
    case .notice(let text, let endsAt):
      put(SessionNotice(message: text, endsAt: endsAt).event)
    case .end(let reason):
      put(SessionEnded(reason: reason).event)
      finish()
    }
  }
}
