package import ClusterModel

/// The last hour of the cluster, within a fixed amount of memory.
///
/// It is a row of moments, about one of each second. What did not change between them is kept once,
/// and what changes all the time, loads and the handshake list, is packed into a few bytes for
/// each instance. When there is no room, moments are thinned, the far ones more than the near
/// ones; when they would be more than a minute apart, the oldest go.
package struct LookBack: Equatable, Sendable {
  /// How far back it reaches at most.
  package static let keptMilliseconds: Int64 = 3_600_000
  /// Most memory, in bytes.
  package static let mostBytes = 4 << 20
  /// A picture that follows the newest moment sooner is kept only if it holds longer.
  package static let stepMilliseconds: Int64 = 1_000
  /// Thinning leaves no wider gap.
  static let widestGapMilliseconds: Int64 = 60_000
  /// Actions kept: enough for what a snapshot carries at any moment of a busy hour.
  static let actionsKept = 400

  /// The trends of before it began.
  var before: LoadHistory?
  private(set) var moments: [PackedMoment] = []
  private var statuses = Shelf<InstanceStatus>()
  private var heads = Shelf<PackedMoment.Head>()
  /// Newest first.
  private var actions: [ActionRecord] = []
  /// Monotonic milliseconds at which the feed was lost, ascending: what held then is known until
  /// then.
  private var losses: [Int64] = []
  private var momentBytes = 0
  private var actionBytes = 0

  package init() {}

  /// Memory in bytes.
  package var bytes: Int {
    momentBytes + statuses.bytes + heads.bytes + actionBytes
      + moments.capacity * MemoryLayout<PackedMoment>.stride
      + actions.capacity * MemoryLayout<ActionRecord>.stride + losses.capacity * 8
  }

  package var isEmpty: Bool { moments.isEmpty }

  /// Keeps a picture that is about to be followed by another one.
  ///
  /// - Parameters:
  ///   - heardAt: Monotonic milliseconds since when it held.
  ///   - now: Until when.
  package mutating func keep(_ snapshot: ClusterSnapshot, heardAt: Int64, until now: Int64) {
    if let newest = moments.last {
      guard now - newest.heardAt >= Self.stepMilliseconds, heardAt > newest.heardAt else { return }
    }
    let moment = pack(snapshot, heardAt: heardAt)
    momentBytes += moment.bytes
    moments.append(moment)
    merge(snapshot.actions)
    dropOld(at: now)
    while bytes > Self.mostBytes, !moments.isEmpty { thin(at: now) }
  }

  /// The feed is lost: until the next picture nothing is known.
  package mutating func lose(at now: Int64) { losses.append(now) }

  /// Adds actions that are not known yet.
  private mutating func merge(_ records: [ActionRecord]) {
    let newest = actions.first?.id ?? Int64.min
    let new = records.filter { $0.id > newest }.sorted { $0.id > $1.id }
    guard !new.isEmpty else { return }
    actions.insert(contentsOf: new, at: 0)
    if actions.count > Self.actionsKept { actions.removeLast(actions.count - Self.actionsKept) }
    actionBytes = actions.reduce(0) { $0 + $1.textBytes }
  }

  private mutating func dropOld(at now: Int64) {
    while let oldest = moments.first, now - oldest.heardAt > Self.keptMilliseconds { drop(0) }
    losses.removeAll { now - $0 > Self.keptMilliseconds }
  }

  /// Takes out the moment that is missed least: the one whose neighbours are closest together for
  /// their age.
  private mutating func thin(at now: Int64) {
    var best: (place: Int, gap: Int64, age: Int64)?
    for place in moments.indices.dropFirst().dropLast() {
      let gap = moments[place + 1].heardAt - moments[place - 1].heardAt
      guard gap <= Self.widestGapMilliseconds else { continue }
      let age = max(1, now - moments[place].heardAt)
      if let known = best, gap * known.age >= known.gap * age { continue }
      best = (place, gap, age)
    }
    drop(best?.place ?? 0)
  }

  private mutating func drop(_ place: Int) {
    let moment = moments.remove(at: place)
    momentBytes -= moment.bytes
    heads.release(moment.head)
    for status in moment.statusPlaces { statuses.release(status) }
  }
}

// MARK: - Finding a moment

extension LookBack {
  /// The newest moment that began before this monotonic time; nil: none.
  package func place(before time: Int64) -> Int? { moments.lastIndex { $0.heardAt < time } }

  /// The oldest moment that began after this monotonic time; nil: none.
  package func place(after time: Int64) -> Int? { moments.firstIndex { $0.heardAt > time } }

  /// The moment that held at this time of the balancer's clock; the oldest, where it was before.
  package func place(at time: Timestamp) -> Int? {
    moments.isEmpty ? nil : moments.lastIndex { $0.at <= time } ?? 0
  }

  /// Monotonic milliseconds at which a moment began.
  package func heardAt(_ place: Int) -> Int64 { moments[place].heardAt }

  /// The balancer's clock at the oldest moment.
  package var oldest: Timestamp? { moments.first?.at }

  /// The cluster as it was.
  package func snapshot(at place: Int) -> ClusterSnapshot? {
    let moment = moments[place]
    guard let head = heads[moment.head] else { return nil }
    let (instances, list) = moment.unpacked { statuses[$0] }
    let known = actions.lazy.filter { $0.at <= moment.at }.prefix(ClusterSnapshot.actionsKept)
    return ClusterSnapshot(
      cluster: head.cluster, sequence: moment.sequence, at: moment.at, balancer: head.balancer,
      license: head.license, handshakes: moment.handshakes, instances: instances,
      handshakeList: list, actions: Array(known))
  }

  /// What the sparklines showed then.
  package func history(at place: Int) -> LoadHistory {
    let end = moments[place].heardAt
    let span = LoadHistory.stepMilliseconds * Int64(LoadHistory.length - 1)
    var history = LoadHistory()
    if var earlier = before, let newest = earlier.newestAt, newest >= end - span {
      earlier.cut(after: end)
      history = earlier
    }
    // What held when the time began that is looked at, and all after it.
    let first = moments[...place].lastIndex { $0.heardAt <= end - span } ?? 0
    for step in first...place {
      let from = max(moments[step].heardAt, end - span)
      let until = step == place ? end : moments[step + 1].heardAt - 1
      if let due = history.nextSampleAt, due > until { continue }
      let (instances, list) = moments[step].unpacked { statuses[$0] }
      if history.newestAt == nil {
        // So that the last value is that of the end.
        let rest = (end - from) % LoadHistory.stepMilliseconds
        guard from + rest <= until else { continue }
        history.sample(instances, list: list, at: from + rest, isLive: true)
      }
      if let lost = losses.first(where: { (from...until).contains($0) }), step != place {
        history.sample(instances, list: list, at: lost, isLive: true)
        history.sample(instances, list: list, at: until, isLive: false)
      } else {
        history.sample(instances, list: list, at: until, isLive: true)
      }
    }
    return history
  }
}

// MARK: - Packing

extension LookBack {
  private mutating func pack(_ snapshot: ClusterSnapshot, heardAt: Int64) -> PackedMoment {
    let head = PackedMoment.Head(
      cluster: snapshot.cluster, balancer: snapshot.balancer, license: snapshot.license)
    var headPlace: Int
    if let last = moments.last, heads[last.head] == head {
      headPlace = last.head
    } else {
      headPlace = heads.add(head, extraBytes: head.textBytes)
    }
    heads.use(headPlace)
    let places = statusPlaces(of: snapshot)
    for place in places { statuses.use(place) }
    return PackedMoment(snapshot, heardAt: heardAt, head: headPlace, statusPlaces: places)
  }

  /// Where everything but the load of each instance is kept. Both rows are ascending by id, so one
  /// walk beside the newest moment finds what is kept already.
  private mutating func statusPlaces(of snapshot: ClusterSnapshot) -> [Int] {
    var known = (moments.last?.statusPlaces ?? [])[...]
    return snapshot.instances.map { instance in
      var bare = instance
      bare.load = Load(maximum: instance.load.maximum)
      while let place = known.first, let status = statuses[place] {
        if status.id < instance.id {
          known.removeFirst()
        } else if status == bare {
          known.removeFirst()
          return place
        } else {
          break
        }
      }
      return statuses.add(bare, extraBytes: bare.textBytes)
    }
  }
}
