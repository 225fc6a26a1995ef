package import ClusterModel

/// Decides which instances get a list of the cluster's servers now. The list is not an order: no
/// instance confirms it, and no change waits for it.
///
/// An instance asks some dozens of the others (`PeerLoads.mostAsked`). So the servers of a large
/// cluster are divided into several lists, and each instance gets the list that contains it. Then a
/// join changes one list only, and an instance costs as much in a cluster of ten thousand as in one
/// of a thousand.
struct DirectoryNews: Sendable {
  private struct List {
    /// A new number with every change of the list.
    var stamp: Int
    var changedAt: Int64
    /// Sorted when the list is sent; nil: not sent since it changed.
    var entries: [ServerDirectory.Entry]?
  }

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
  /// If an instance has an older list, a newer one waits until no server has come or gone for this
  /// long.
  static let quietMilliseconds: Int64 = 2_000
  /// The longest time that a newer list waits for that.
  static let patienceMilliseconds: Int64 = 60_000
  /// How many instances get the list at the same time.
  static let atOnce = 16
  /// The number of servers in a list. Some lists have a few more by chance.
  static let serversOfList = 1_000
  /// How many servers fit into `Limits.serversBytes`, however long their names are.
  private static let mostOfList = 2 * serversOfList

  private var servers: [InstanceID: ServerDirectory.Entry] = [:]
  private var lists: [List] = [List(stamp: 0, changedAt: 0)]
  private var lastStamp = 0
  private var epoch = ""
  private var seed: SigningSeed?
  private var told: [InstanceID: Told] = [:]
  /// The instances that this round has not checked yet, the next one last.
  private var waiting: [InstanceID] = []
  /// Whether every reachable instance has its list: no round is needed until something changes.
  private var isSettled = false

  /// Reads the registry's present contents.
  ///
  /// - Parameter touched: The ids whose rows have changed since the last call.
  mutating func read(_ contents: RegistryContents, touched: [InstanceID], now: Int64) {
    var changed: Set<Int> = []
    for id in touched {
      let row = contents.instances[id].flatMap { $0.isRemoved ? nil : $0 }
      if row == nil { told[id] = nil }
      let entry = row.flatMap {
        $0.role.isLoadBalancer
          ? nil : ServerDirectory.Entry(id: id, address: $0.address, tls: $0.tls)
      }
      guard servers[id] != entry else { continue }
      servers[id] = entry
      changed.insert(place(of: id))
    }
    var count = 1
    while servers.count > count * Self.serversOfList { count *= 2 }
    let isAnother = epoch != contents.epoch || seed != contents.signingSeed
    if isAnother || count != lists.count { changed = Set(0..<count) }
    (epoch, seed) = (contents.epoch, contents.signingSeed)
    guard !changed.isEmpty else { return }
    if count != lists.count {
      lists = Array(repeating: List(stamp: 0, changedAt: now), count: count)
    }
    for place in changed.sorted() {
      lastStamp += 1
      lists[place] = List(stamp: lastStamp, changedAt: now)
    }
    isSettled = false
  }

  /// The list that an instance is in: the same one at every balancer, even when others come or go.
  private func place(of id: InstanceID) -> Int {
    // FNV-1a. The number of lists is a power of two.
    let hash = id.text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return Int((hash ^ hash >> 32) % UInt64(lists.count))
  }

  /// The load feed of an instance has opened.
  mutating func feedOpened() { isSettled = false }

  /// Begins a round if the last one is over and an instance may need a list.
  mutating func beginRound(among ids: some Collection<InstanceID>) {
    guard waiting.isEmpty, !isSettled else { return }
    isSettled = true
    waiting = ids.map { (place(of: $0), $0) }.sorted { $0 > $1 }.map(\.1)
  }

  /// The next instance to check in this round.
  ///
  /// - Parameter first: If given, only an instance of the same list as this one.
  mutating func next(after first: InstanceID?) -> InstanceID? {
    guard let next = waiting.last, first.map({ place(of: $0) == place(of: next) }) ?? true else {
      return nil
    }
    return waiting.popLast()
  }

  /// Whether this round has more instances to check.
  var hasMore: Bool { !waiting.isEmpty }

  /// Whether to send the list to an instance with this feed now. If so, it counts as sent.
  mutating func isDue(_ id: InstanceID, feed: Int, now: Int64) -> Bool {
    let list = lists[place(of: id)]
    if let last = told[id] {
      guard last.stamp != list.stamp || last.feed != feed else { return false }
      isSettled = false
      let passed = now - last.askedAt
      guard passed >= Self.pauseMilliseconds else { return false }
      let hasOlder = last.stamp != nil && last.feed == feed
      guard
        !hasOlder || now - list.changedAt >= Self.quietMilliseconds
          || passed >= Self.patienceMilliseconds
      else { return false }
    }
    isSettled = false
    told[id] = Told(stamp: nil, feed: feed, askedAt: now)
    return true
  }

  mutating func took(_ id: InstanceID, stamp: Int) { told[id]?.stamp = stamp }

  /// The list for an instance, with its number.
  ///
  /// - Parameter id: The instance; nil: the first list.
  mutating func list(of id: InstanceID?) -> (stamp: Int, entries: [ServerDirectory.Entry]) {
    let place = id.map(place(of:)) ?? 0
    if let known = lists[place].entries { return (lists[place].stamp, known) }
    let entries = servers.values.filter { self.place(of: $0.id) == place }
      .sorted { $0.id < $1.id }.prefix(Self.mostOfList)
    lists[place].entries = Array(entries)
    return (lists[place].stamp, Array(entries))
  }
}

/// A list of the cluster's servers, and the instances that get it now.
package struct ServerListNews: Equatable, Sendable {
  /// The number of this list.
  package var stamp: Int
  package var directory: ServerDirectory
  package var instances: [InstanceID]
  /// Whether other instances get a list after these.
  package var isCut: Bool
}

extension Balancer {
  /// The list and the instances that should get it; no instances where all have it.
  package mutating func serverListNews(now: Moment) -> ServerListNews {
    var due: [InstanceID] = []
    directoryNews.beginRound(among: instances.keys)
    while due.count < DirectoryNews.atOnce, let id = directoryNews.next(after: due.first) {
      guard let instance = instances[id], instance.isOpen, let feed = instance.feed.number else {
        continue
      }
      if directoryNews.isDue(id, feed: feed, now: now.monotonicMilliseconds) { due.append(id) }
    }
    let list = directoryNews.list(of: due.first)
    return ServerListNews(
      stamp: list.stamp,
      directory: ServerDirectory(
        cluster: contents.cluster, epoch: contents.epoch, revision: contents.revision,
        servers: list.entries),
      instances: due, isCut: directoryNews.hasMore)
  }

  /// An instance has the list, or a newer one.
  package mutating func tookServers(_ id: InstanceID, stamp: Int) {
    directoryNews.took(id, stamp: stamp)
  }
}
