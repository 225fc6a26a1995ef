package import ClusterModel

/// Which instances are to be told which of the cluster's servers now. It is not an order: nobody
/// confirms it, and no change waits for it.
///
/// An instance asks some dozens of the others (`PeerLoads.mostAsked`). So the servers of a large
/// cluster are in several lists, and each instance is told the one that it is in itself: then a
/// join concerns those of one list, and telling everybody costs as much for each of ten thousand
/// as for each of one thousand.
struct DirectoryNews: Sendable {
  private struct List {
    /// Another one with every change of any list.
    var stamp: Int
    var changedAt: Int64
    /// Put in order when it is told; nil: not since it changed.
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
  /// Nor, if it has an older list, while servers come and go with shorter pauses than that.
  static let quietMilliseconds: Int64 = 2_000
  /// But then at least as often as that.
  static let patienceMilliseconds: Int64 = 60_000
  /// Instances that are told at one time.
  static let atOnce = 16
  /// Servers of a list. By chance some have a few more.
  static let serversOfList = 1_000
  /// So many fit into `Limits.serversBytes`, however long their names are.
  private static let mostOfList = 2 * serversOfList

  private var servers: [InstanceID: ServerDirectory.Entry] = [:]
  private var lists: [List] = [List(stamp: 0, changedAt: 0)]
  private var lastStamp = 0
  private var epoch = ""
  private var seed: SigningSeed?
  private var told: [InstanceID: Told] = [:]
  /// Who is still to be looked at in this round, the next one last.
  private var waiting: [InstanceID] = []
  /// Everybody who can be told has the list: there is nobody to look for until something changes.
  private var isSettled = false

  /// Takes in what the registry has now.
  ///
  /// - Parameter touched: Ids whose rows differ from those of the last time.
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

  /// In which list an instance is: the same one at every balancer, even when others come or go.
  private func place(of id: InstanceID) -> Int {
    // FNV-1a; there are as many lists as a power of two.
    let hash = id.text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return Int((hash ^ hash >> 32) % UInt64(lists.count))
  }

  /// The load feed of an instance has opened.
  mutating func feedOpened() { isSettled = false }

  /// Begins a round where the last one is over and somebody may have to be told.
  mutating func beginRound(among ids: some Collection<InstanceID>) {
    guard waiting.isEmpty, !isSettled else { return }
    isSettled = true
    waiting = ids.map { (place(of: $0), $0) }.sorted { $0 > $1 }.map(\.1)
  }

  /// The next whom to look at in this round.
  ///
  /// - Parameter first: Only one of the same list as this one.
  mutating func next(after first: InstanceID?) -> InstanceID? {
    guard let next = waiting.last, first.map({ place(of: $0) == place(of: next) }) ?? true else {
      return nil
    }
    return waiting.popLast()
  }

  /// There are others to be looked at in this round.
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

  /// The list of an instance, and what stands for it; nil: the first one.
  mutating func list(of id: InstanceID?) -> (stamp: Int, entries: [ServerDirectory.Entry]) {
    let place = id.map(place(of:)) ?? 0
    if let known = lists[place].entries { return (lists[place].stamp, known) }
    let entries = servers.values.filter { self.place(of: $0.id) == place }
      .sorted { $0.id < $1.id }.prefix(Self.mostOfList)
    lists[place].entries = Array(entries)
    return (lists[place].stamp, Array(entries))
  }
}

/// A list of the cluster's servers, and who is to be told it now.
package struct ServerListNews: Equatable, Sendable {
  /// The number of this list.
  package var stamp: Int
  package var directory: ServerDirectory
  package var instances: [InstanceID]
  /// There are others, to be told when these are.
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
