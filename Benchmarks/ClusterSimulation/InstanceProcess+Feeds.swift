internal import Balancing
internal import ClusterModel
internal import Hosting

/// A reader of its load feed.
struct FeedReading {
  let link: Link
  var cursor: LoadCursor
  var isPlanned = false
}

extension InstanceProcess {
  /// Knows the cluster's key, and is not about to stop.
  var canBeRead: Bool { hosting?.desired != nil && hosting?.isStopping == false }

  /// What it says that it obeys, with the document that proves it; nil before the first.
  var claim: ObeyClaim? {
    if isLiar { return lie() }
    return kept.map { ObeyClaim(revision: $0.revision, digest: $0.digest, proof: .document($0)) }
  }

  func addFeed(_ link: Link) {
    guard let life = hosting else { return link.close(from: link.server) }
    lastFeed += 1
    let number = lastFeed
    feeds[number] = FeedReading(link: link, cursor: LoadCursor(after: life))
    readersChanged()
    link.server.receive = { [unowned self] _ in
      self.feeds[number] = nil
      self.readersChanged()
    }
    let hello = LoadFeedHello(
      id: id, cluster: life.cluster,
      profile: InstanceProfile(role: .server(services), ownMaximum: ownMaximum),
      startedAt: life.startedAt, version: "1", claim: claim ?? ObeyClaim(revision: 0),
      endedDrain: life.drainEndedByRestart)
    link.put(.load(.hello(hello)), to: link.client)
    if isLiar { flood(link) }
    report(number)
  }

  private func readersChanged() {
    schedule.readersChanged(to: feeds.count, now: moment.monotonicMilliseconds)
    planJoin()
  }

  func ring() {
    for number in feeds.keys.sorted() { report(number) }
  }

  private func report(_ number: Int) {
    guard var feed = feeds[number], !feed.isPlanned else { return }
    let decision = hosting?.report(for: &feed.cursor, now: moment)
    switch decision {
    case .report(let connected, let withoutNotices, let tickets, let ends, let application):
      let load = LoadFeedEvent.load(
        connected: connected, withoutNotices: withoutNotices, tickets: tickets, ends: ends,
        application: application)
      feed.link.put(.load(isLiar ? madeUpLoad() : load), to: feed.link.client)
      feeds[number] = feed
      report(number)
    case .obeys:
      if let claim { feed.link.put(.load(.obeys(claim)), to: feed.link.client) }
      feeds[number] = feed
      report(number)
    case .due(let time):
      feed.isPlanned = true
      feeds[number] = feed
      after(time - moment.monotonicMilliseconds) {
        self.feeds[number]?.isPlanned = false
        self.report(number)
      }
    case .quiet, nil: feeds[number] = feed
    }
  }

  func beat() {
    for number in feeds.keys.sorted() {
      guard let link = feeds[number]?.link else { continue }
      link.put(.load(.heartbeat), to: link.client)
    }
    after(1_000) { self.beat() }
  }
}
