internal import Balancing
internal import ClusterModel
internal import Hosting

/// A reader of its load feed.
struct FeedReading {
  let link: Link
  var cursor = LoadCursor()
  var isPlanned = false
}

extension InstanceProcess {
  /// Knows the cluster's key, and is not about to stop.
  var canBeRead: Bool { hosting?.desired != nil && hosting?.isStopping == false }

  func addFeed(_ link: Link) {
    guard let life = hosting else { return link.close(from: link.server) }
    lastFeed += 1
    let number = lastFeed
    feeds[number] = FeedReading(link: link)
    readersChanged()
    link.server.receive = { [unowned self] _ in
      self.feeds[number] = nil
      self.readersChanged()
    }
    let hello = LoadFeedHello(
      id: id, cluster: life.cluster, role: .server(services), ownMaximum: ownMaximum,
      startedAt: life.startedAt, version: "1", revision: life.revision,
      endedDrain: life.drainEndedByRestart, digest: life.desired?.digest)
    link.put(.load(.hello(hello)), to: link.client)
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
    case .report(let connected, let tickets):
      feed.link.put(.load(.load(connected: connected, tickets: tickets)), to: feed.link.client)
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
