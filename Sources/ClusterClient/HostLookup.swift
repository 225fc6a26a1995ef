internal import Glibc
internal import NIOCore
internal import Synchronization

/// The numbers of host names, kept for a short while.
///
/// A lookup blocks a thread until a name server answers, and nothing can cancel it. So there are
/// few threads, each name uses at most one of them, and an owner of names that no server answers
/// gets few (`LookupQueue`). No caller waits longer for a lookup than it asked for.
public final class HostLookup: Sendable {
  private struct Entry {
    /// The numbers in the order in which they should be tried.
    var numbers: [String]
    /// The time of the lookup, in monotonic milliseconds.
    var at: Int64
    /// Whether the last lookup took long and found nothing.
    var isSilent: Bool
  }

  /// A caller that waits for names.
  private struct Wait {
    var left: Set<String>
    var continuation: CheckedContinuation<Void, Never>?
  }

  private struct State {
    var known: [String: Entry] = [:]
    var queue = LookupQueue()
    var waits: [Int: Wait] = [:]
    /// The callers that wait for each name that is being looked up or will be.
    var waiting: [String: Set<Int>] = [:]
    var nextKey = 0
  }

  /// How many milliseconds an answer is valid for callers that compare addresses.
  package static let freshMilliseconds: Int64 = 60_000
  /// The same for callers that connect, since an instance may have moved.
  private static let freshToConnect: Int64 = 10_000
  /// How many milliseconds a name counts as unknown.
  private static let freshUnknown: Int64 = 2_000
  /// After this time without an answer a name server counts as silent.
  private static let silentMilliseconds: Int64 = 1_000
  /// The most hosts that are remembered: twice those of the largest cluster.
  package static let mostKnown = 20_000

  private let state = Mutex(State())
  private let resolve: @Sendable (String) -> [String]

  public convenience init() {
    self.init(resolve: { HostLookup.system($0) })
  }

  /// - Parameter resolve: Finds the numbers of a host that is not a number itself; blocks.
  package init(resolve: @escaping @Sendable (String) -> [String]) {
    self.resolve = resolve
  }

  /// The places of these hosts: each host's own name in one spelling, and its numbers in one
  /// spelling each. A host that was not found in time has only its name, or what was known of it
  /// before.
  ///
  /// - Parameters:
  ///   - payer: Who pays for the lookup of a host.
  ///   - within: The most milliseconds to wait for lookups.
  package func places(
    of hosts: some Sequence<String>, within milliseconds: Int64,
    payer: (String) -> String = { _ in "" }
  ) async -> [String: Set<String>] {
    var places: [String: Set<String>] = [:]
    var names: [String: String] = [:]
    var payers: [String: String] = [:]
    for host in hosts where places[host] == nil && names[host] == nil {
      if let number = Self.number(host) {
        places[host] = [number]
      } else {
        let name = Self.plain(host)
        (names[host], payers[name]) = (name, payer(host))
      }
    }
    guard !names.isEmpty else { return places }
    await lookUp(
      payers, unlessFreshFor: Self.freshMilliseconds, within: milliseconds, waitsForSilent: false)
    let known = state.withLock(\.known)
    for (host, name) in names { places[host] = Set(known[name]?.numbers ?? []).union([name]) }
    return places
  }

  /// The numbers of a name, in the order in which they should be tried. If no name server answers
  /// in time, the numbers that were known before are used.
  ///
  /// - Throws: `unreachable`.
  func numbers(
    of host: String, payer: String, within milliseconds: Int64
  ) async throws(ClientFailure) -> [String] {
    let name = Self.plain(host)
    let start = Self.now
    await lookUp([name: payer], unlessFreshFor: Self.freshToConnect, within: milliseconds)
    let entry = state.withLock { $0.known[name] }
    // A number with a zone is for one link of this machine, and cannot be part of a URL.
    let numbers = entry?.numbers.filter { !$0.contains("%") } ?? []
    if !numbers.isEmpty { return numbers }
    guard let entry, entry.at >= start - Self.freshUnknown else {
      throw .unreachable("no name server knew \(host) within \(seconds(milliseconds))")
    }
    throw .unreachable("the name \(host) is not known")
  }

  /// Notes that nobody accepts a connection at this number of a name. The other numbers are tried
  /// first from now on, and the name is looked up again.
  func refused(_ number: String, of host: String) {
    let name = Self.plain(host)
    state.withLock { state in
      guard var entry = state.known[name], let index = entry.numbers.firstIndex(of: number)
      else { return }
      entry.numbers.append(entry.numbers.remove(at: index))
      entry.at = min(entry.at, Self.now - Self.freshToConnect)
      state.known[name] = entry
    }
  }

  // MARK: Lookups

  /// - Parameters:
  ///   - names: Each name with its payer.
  ///   - waitsForSilent: Whether to wait even for names for which nobody answered the last time.
  private func lookUp(
    _ names: [String: String], unlessFreshFor fresh: Int64, within milliseconds: Int64,
    waitsForSilent: Bool = true
  ) async {
    let key = state.withLock { state -> Int? in
      let stale = names.keys.filter { !Self.isFresh($0, for: fresh, state) }
      for name in stale {
        state.queue.add(name, payer: names[name] ?? "", Self.trust(in: state.known[name]))
      }
      let left = stale.filter { waitsForSilent || state.known[$0]?.isSilent != true }
      guard !left.isEmpty else { return nil }
      state.nextKey += 1
      state.waits[state.nextKey] = Wait(left: Set(left))
      for name in left { state.waiting[name, default: []].insert(state.nextKey) }
      return state.nextKey
    }
    startQueued()
    guard let key else { return }
    let timer = Task.detached {
      try await Task.sleep(for: .milliseconds(milliseconds))
      self.stopWaiting(key)
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waits = state.withLock { state in
          guard state.waits[key] != nil else { return false }
          state.waits[key]?.continuation = continuation
          return true
        }
        if !waits { continuation.resume() }
      }
    } onCancel: {
      stopWaiting(key)
    }
    timer.cancel()
  }

  private static func isFresh(_ name: String, for fresh: Int64, _ state: State) -> Bool {
    guard let entry = state.known[name] else { return false }
    return now - entry.at < (entry.numbers.isEmpty ? freshUnknown : fresh)
  }

  private static func trust(in entry: Entry?) -> LookupQueue.Trust {
    guard let entry else { return .new }
    return entry.isSilent ? .silent : entry.numbers.isEmpty ? .new : .answered
  }

  /// The time is over, so what is known is used. A lookup that has not begun is cancelled.
  private func stopWaiting(_ key: Int) {
    let wait = state.withLock { state -> Wait? in
      guard let wait = state.waits.removeValue(forKey: key) else { return nil }
      for name in wait.left {
        state.waiting[name]?.remove(key)
        guard state.waiting[name]?.isEmpty == true else { continue }
        state.waiting[name] = nil
        state.queue.forget(name)
      }
      return wait
    }
    wait?.continuation?.resume()
  }

  private func startQueued() {
    for name in state.withLock({ $0.queue.begin() }) {
      let start = Self.now
      let hasBegun = Thread.run {
        let numbers = self.resolve(name)
        self.found(numbers, of: name, after: Self.now - start)
      }
      if !hasBegun { found([], of: name, after: 0) }
    }
  }

  private func found(_ numbers: [String], of name: String, after milliseconds: Int64) {
    let now = Self.now
    let waits = state.withLock { state -> [Wait] in
      state.queue.ended(name)
      if state.known.count >= Self.mostKnown {
        state.known = state.known.filter { now - $0.value.at < Self.freshMilliseconds }
        if state.known.count >= Self.mostKnown { state.known = [:] }
      }
      // A name server that fails for a moment does not erase earlier numbers.
      let before = numbers.isEmpty ? state.known[name]?.numbers : nil
      state.known[name] = Entry(
        numbers: before ?? numbers, at: now,
        isSilent: numbers.isEmpty && milliseconds >= Self.silentMilliseconds)
      return (state.waiting.removeValue(forKey: name) ?? []).compactMap { key in
        state.waits[key]?.left.remove(name)
        guard state.waits[key]?.left.isEmpty == true else { return nil }
        return state.waits.removeValue(forKey: key)
      }
    }
    for wait in waits { wait.continuation?.resume() }
    startQueued()
  }

  private static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000) }
}

/// A thread for one blocking piece of work: the system's pools grow too slowly for that.
private enum Thread {
  private final class Work {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// - Returns: Whether there was a free thread.
  static func run(_ work: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(Work(work))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    if code != 0 { box.release() }
    return code == 0
  }
}
