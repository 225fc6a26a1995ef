internal import Dispatch
internal import Glibc
internal import Synchronization

/// Where the names of hosts lead, kept for a minute. Looking up blocks a thread, so it happens on
/// a queue of its own, and nobody waits for it longer than was agreed.
package final class HostLookup: Sendable {
  private struct Entry {
    var places: Set<String>
    /// Monotonic milliseconds.
    var at: Int64
  }

  private struct State {
    var known: [String: Entry] = [:]
    /// Being looked up, or waiting for that.
    var pending: [String: OneTimeValue<Void>] = [:]
    var queued: [String] = []
    var running = 0
  }

  /// How long an answer counts, in milliseconds.
  package static let freshMilliseconds: Int64 = 60_000
  /// Most hosts that are remembered: twice those of the largest cluster.
  package static let mostKnown = 20_000
  /// Most hosts that wait to be looked up; a further one has its name alone.
  private static let mostPending = 20_000
  /// Most lookups at one time: a name server that hangs takes so many threads, and no more.
  private static let mostRunning = 4

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "aos.host-lookup", attributes: .concurrent)
  private let resolve: @Sendable (String) -> Set<String>

  /// - Parameter resolve: The numbers of a host that is no number itself; blocks.
  package init(resolve: @escaping @Sendable (String) -> Set<String> = HostLookup.system) {
    self.resolve = resolve
  }

  /// What each of these hosts stands for: its own name in one spelling, and the numbers it leads
  /// to, in one spelling each. A host that was not found in time has its name alone, or what was
  /// known of it before.
  ///
  /// - Parameter within: Most milliseconds to wait for lookups.
  package func places(
    of hosts: some Sequence<String>, within milliseconds: Int64
  ) async -> [String: Set<String>] {
    var places: [String: Set<String>] = [:]
    var names: [String: String] = [:]
    for host in hosts where places[host] == nil && names[host] == nil {
      if let number = Self.number(host) {
        places[host] = [number]
      } else {
        names[host] = Self.plain(host)
      }
    }
    guard !names.isEmpty else { return places }
    await lookUp(Set(names.values), within: milliseconds)
    let known = state.withLock(\.known)
    for (host, name) in names { places[host] = (known[name]?.places ?? []).union([name]) }
    return places
  }

  // MARK: Lookups

  private func lookUp(_ names: Set<String>, within milliseconds: Int64) async {
    let now = SystemClock.monotonicMilliseconds
    let waits = state.withLock { state -> [OneTimeValue<Void>] in
      names.compactMap { name in
        if let entry = state.known[name], now - entry.at < Self.freshMilliseconds { return nil }
        if let wait = state.pending[name] { return wait }
        guard state.pending.count < Self.mostPending else { return nil }
        let wait = OneTimeValue<Void>()
        state.pending[name] = wait
        state.queued.append(name)
        return wait
      }
    }
    guard !waits.isEmpty else { return }
    startQueued()
    let waiting = Task.detached {
      for wait in waits { try await wait.value }
    }
    let timer = Task.detached {
      try await Task.sleep(for: .milliseconds(milliseconds))
      waiting.cancel()
    }
    // Too late: what is known counts.
    _ = try? await waiting.value
    timer.cancel()
  }

  private func startQueued() {
    let names = state.withLock { state in
      let count = min(Self.mostRunning - state.running, state.queued.count)
      guard count > 0 else { return [String]() }
      state.running += count
      defer { state.queued.removeFirst(count) }
      return Array(state.queued.prefix(count))
    }
    for name in names {
      queue.async {
        let places = self.resolve(name)
        self.found(places, of: name)
      }
    }
  }

  private func found(_ places: Set<String>, of name: String) {
    let now = SystemClock.monotonicMilliseconds
    let wait = state.withLock { state in
      state.running -= 1
      if state.known.count >= Self.mostKnown {
        state.known = state.known.filter { now - $0.value.at < Self.freshMilliseconds }
        if state.known.count >= Self.mostKnown { state.known = [:] }
      }
      // A name server that is away a moment takes nothing back.
      let before = places.isEmpty ? state.known[name]?.places : nil
      state.known[name] = Entry(places: before ?? places, at: now)
      return state.pending.removeValue(forKey: name)
    }
    wait?.settle(.success(()))
    startQueued()
  }

  // MARK: Spellings

  private static func plain(_ host: String) -> String {
    let lower = host.lowercased()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }

  /// The one spelling of a number; nil for a name. An IPv4 address inside of IPv6 is the IPv4
  /// address.
  static func number(_ host: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, host, &bytes) == 1 { return text(AF_INET, bytes) }
    let scope = host.firstIndex(of: "%").map { host[$0...] } ?? ""
    guard inet_pton(AF_INET6, String(host.dropLast(scope.count)), &bytes) == 1 else { return nil }
    let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
    if isMapped { return text(AF_INET, Array(bytes[12...])) }
    return text(AF_INET6, bytes).map { $0 + scope }
  }

  private static func text(_ family: Int32, _ bytes: [UInt8]) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// As the system resolves it; blocks for as long as that takes.
  package static func system(_ host: String) -> Set<String> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
    defer { freeaddrinfo(first) }
    var places: Set<String> = []
    var next = first
    while let entry = next {
      var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let isRead = getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0,
        NI_NUMERICHOST)
      let bytes = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      if isRead == 0, let number = number(String(decoding: bytes, as: UTF8.self)) {
        places.insert(number)
      }
      next = entry.pointee.ai_next
    }
    return places
  }
}
