internal import Balancing
internal import ClusterModel

/// A balancer that reads this one's reports.
struct PeerReader {
  let process: BalancerProcess
  let life: Int
  let feed: Int
}

/// The feed of another balancer, as this one reads it.
struct PeerReading {
  let feed: Int
  var heardAt: Int64
}

/// What balancers tell each other of their reservations. Each report is a message of its own here,
/// that may be lost, late or repeated: worse than the stream that carries them in a cluster.
extension BalancerProcess {
  static let peerMilliseconds: Int64 = 20
  private static let silence: Int64 = 3_000

  // MARK: Reading

  /// Opens the feed of another balancer that is not heard.
  func keepPeerFeed(of peer: InstanceID, at other: BalancerProcess) {
    let now = moment.monotonicMilliseconds
    if let reading = peerReadings[peer] {
      guard now - reading.heardAt > Self.silence else { return }
      peerReadings[peer] = nil
      run { balancer, _ in
        balancer.peerFeedEnded(peer, feed: reading.feed)
        return []
      }
    }
    lastPeerFeed += 1
    let reader = PeerReader(process: self, life: life, feed: lastPeerFeed)
    peerReadings[peer] = PeerReading(feed: lastPeerFeed, heardAt: now)
    world.sendPeer(from: self, to: other) { other.add(reader) }
  }

  private func hear(_ report: PeerReport?, from peer: InstanceID, feed: Int) {
    // What an older feed still says comes in, too: the balancer itself must pass over it.
    if peerReadings[peer]?.feed == feed {
      peerReadings[peer]?.heardAt = moment.monotonicMilliseconds
    }
    guard let report, peerReadings[peer] != nil else { return }
    run { balancer, now in
      balancer.heard(report, from: peer, feed: feed, now: now)
      return []
    }
  }

  // MARK: Telling

  private func add(_ reader: PeerReader) {
    guard let report = balancer?.completePeerReport(now: moment) else { return }
    peerReaders.removeAll { $0.process === reader.process }
    peerReaders.append(reader)
    tell(report, to: reader)
  }

  func planPeerReport() {
    guard !isPeerReportPlanned, !peerReaders.isEmpty,
      balancer?.hasPeerNews(now: moment) == true
    else { return }
    isPeerReportPlanned = true
    let passed = lastPeerReport.map { moment.monotonicMilliseconds - $0 } ?? Self.peerMilliseconds
    after(Self.peerMilliseconds - passed) {
      self.isPeerReportPlanned = false
      self.lastPeerReport = self.moment.monotonicMilliseconds
      guard let report = self.balancer?.takePeerReport(now: self.moment) else { return }
      for reader in self.peerReaders { self.tell(report, to: reader) }
    }
  }

  /// A heartbeat for all readers.
  func beatPeers() {
    peerReaders.removeAll { !$0.process.isUp || $0.process.life != $0.life }
    for reader in peerReaders { tell(nil, to: reader) }
  }

  private func tell(_ report: PeerReport?, to reader: PeerReader) {
    guard reader.process.isUp, reader.process.life == reader.life else { return }
    let (peer, feed) = (id, reader.feed)
    world.sendPeer(from: self, to: reader.process) {
      reader.process.hear(report, from: peer, feed: feed)
    }
  }
}

extension World {
  /// Sends what one balancer tells another: more of it is lost, late or repeated than of anything
  /// else.
  func sendPeer(
    from: SimulatedProcess, to: SimulatedProcess, _ arrive: @escaping () -> Void
  ) {
    guard !network.isCut(from.node, to.node) else { return }
    guard !isCalm || arePeersFaulty else { return to.after(pick(0...4), arrive) }
    if chance(0.05) {
      faults[.messageLost] += 1
      return
    }
    var delay = pick(0...4)
    if chance(0.05) {
      faults[.messageLate] += 1
      delay = pick(50...Self.latest)
    }
    to.after(delay, arrive)
    guard chance(0.05) else { return }
    faults[.messageRepeated] += 1
    to.after(delay + pick(1...10_000), arrive)
  }
}
