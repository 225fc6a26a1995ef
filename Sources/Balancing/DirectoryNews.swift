package import ClusterModel

/// Which instances are to be told the list of the cluster's servers now. It is not an order: nobody
/// confirms it, and no change waits for it.
struct DirectoryNews: Sendable {
  /// What an instance was last told.
  private struct Told {
    /// The number of the list that it has accepted; nil: it has not answered yet.
    var stamp: Int?
    /// The load feed that was open at that time. Another feed may lead to a new process without the
    /// list.
    var feed: Int
    var askedAt: Int64
  }

  /// The shortest time between two lists to one instance.
  static let pauseMilliseconds: Int64 = 10_000
  /// Instances that are told at one time: a list may have a megabyte.
  static let atOnce = 16

  private(set) var entries: [ServerDirectory.Entry] = []
  /// Another one with every change of the list.
  private(set) var stamp = 0
  private var epoch = ""
  private var seed: SigningSeed?
  private var told: [InstanceID: Told] = [:]
  /// Everybody who can be told has the list: there is nobody to look for until something changes.
  private(set) var isSettled = false

  /// Takes in what the registry has now.
  mutating func read(_ contents: RegistryContents) {
    let new = Self.entries(of: contents)
    guard new != entries || epoch != contents.epoch || seed != contents.signingSeed else { return }
    (entries, epoch, seed) = (new, contents.epoch, contents.signingSeed)
    stamp += 1
    isSettled = false
    told = told.filter { contents.instances[$0.key]?.isRemoved == false }
  }

  /// What does not fit into `Limits.serversBytes` is left out: a list of most servers is better
  /// than none.
  private static func entries(of contents: RegistryContents) -> [ServerDirectory.Entry] {
    var bytes = 0
    let all = contents.members.filter { !$0.role.isLoadBalancer }
      .map { ServerDirectory.Entry(id: $0.id, address: $0.address, tls: $0.tls) }
    let fitting = all.prefix { entry in
      bytes += entry.id.text.utf8.count + entry.address.host.utf8.count + 64
      return bytes <= mostBytes
    }
    return Array(fitting)
  }

  /// Base64 makes four bytes of three.
  private static let mostBytes = Limits.serversBytes / 4 * 3 - 1_024

  /// The load feed of an instance has opened.
  mutating func feedOpened() { isSettled = false }

  /// Everybody is looked at: who has not the list yet unsettles it again.
  mutating func beginRound() { isSettled = true }

  /// Whether to send the list to an instance with this feed now. If so, it counts as sent.
  mutating func isDue(_ id: InstanceID, feed: Int, now: Int64) -> Bool {
    if let last = told[id] {
      guard last.stamp != stamp || last.feed != feed else { return false }
      isSettled = false
      guard now - last.askedAt >= Self.pauseMilliseconds else { return false }
    }
    isSettled = false
    told[id] = Told(stamp: nil, feed: feed, askedAt: now)
    return true
  }

  mutating func took(_ id: InstanceID, stamp: Int) { told[id]?.stamp = stamp }
}

/// The list of the cluster's servers, and who is to be told it now.
package struct ServerListNews: Equatable, Sendable {
  /// The number of this list.
  package var stamp: Int
  package var directory: ServerDirectory
  package var instances: [InstanceID]
  /// There are others, to be told when these are.
  package var isCut: Bool { instances.count == DirectoryNews.atOnce }
}

extension Balancer {
  /// The list and the instances that should get it; no instances where all have it.
  package mutating func serverListNews(now: Moment) -> ServerListNews {
    var due: [InstanceID] = []
    if !directoryNews.isSettled {
      directoryNews.beginRound()
      for id in instances.keys.sorted() where due.count < DirectoryNews.atOnce {
        guard let instance = instances[id], instance.isOpen, let feed = instance.feed.number else {
          continue
        }
        if directoryNews.isDue(id, feed: feed, now: now.monotonicMilliseconds) { due.append(id) }
      }
    }
    return ServerListNews(
      stamp: directoryNews.stamp,
      directory: ServerDirectory(
        cluster: contents.cluster, epoch: contents.epoch, revision: contents.revision,
        servers: directoryNews.entries),
      instances: due)
  }

  /// An instance has the list, or a newer one.
  package mutating func tookServers(_ id: InstanceID, stamp: Int) {
    directoryNews.took(id, stamp: stamp)
  }
}
