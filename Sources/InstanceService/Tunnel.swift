internal import ClusterModel
internal import Hosting
internal import NIOCore
internal import ServiceSupport
internal import Synchronization

/// A connection of a session to the application, from its admission to its end.
final class Tunnel: Sendable {
  private let channel: any Channel
  private let fromClient = Atomic<Int>(0)
  private let fromApplication = Atomic<Int>(0)
  /// Monotonic milliseconds; 0: no byte has passed since the last call.
  private let lastAt = Atomic<Int64>(0)

  /// - Parameter channel: The client's.
  init(_ channel: any Channel) { self.channel = channel }

  func countFromClient(_ bytes: Int) { count(bytes, in: fromClient) }

  func countFromApplication(_ bytes: Int) { count(bytes, in: fromApplication) }

  private func count(_ bytes: Int, in counter: borrowing Atomic<Int>) {
    counter.wrappingAdd(bytes, ordering: .relaxed)
    lastAt.store(SystemClock.monotonicMilliseconds, ordering: .relaxed)
  }

  /// The bytes that have passed since the last call; nil: none.
  func takeTraffic() -> Traffic? {
    let last = lastAt.exchange(0, ordering: .relaxed)
    let traffic = Traffic(
      fromClient: fromClient.exchange(0, ordering: .relaxed),
      fromApplication: fromApplication.exchange(0, ordering: .relaxed),
      lastAt: last == 0 ? nil : last)
    let isNothing = traffic.fromClient == 0 && traffic.fromApplication == 0
    return isNothing && last == 0 ? nil : traffic
  }

  /// Closes both of its connections at once.
  func end() { channel.close(promise: nil) }
}

/// The open tunnels by their sessions.
struct OpenTunnels {
  private var all: [String: [ObjectIdentifier: Tunnel]] = [:]

  mutating func add(_ tunnel: Tunnel, to session: String) {
    all[session, default: [:]][ObjectIdentifier(tunnel)] = tunnel
  }

  mutating func remove(_ tunnel: Tunnel, from session: String) {
    all[session]?[ObjectIdentifier(tunnel)] = nil
    if all[session]?.isEmpty == true { all[session] = nil }
  }

  /// Removes those of a session that has ended; they are not counted any more.
  mutating func removeAll(of session: String) -> [Tunnel] {
    all.removeValue(forKey: session).map { Array($0.values) } ?? []
  }

  /// Reports to the life what has passed since the last time.
  func report(to life: inout InstanceLife, now: Moment) {
    for (session, tunnels) in all {
      for tunnel in tunnels.values {
        guard let traffic = tunnel.takeTraffic() else { continue }
        life.note(traffic, in: session, now: now)
      }
    }
  }
}
