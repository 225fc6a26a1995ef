internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import RealPrograms
internal import Synchronization

/// Clients that all come in one second: each shakes hands on a connection of its own, and opens
/// its session at the first server of its list that takes it.
final class StormCrowd: Sendable {
  struct Outcome: Sendable {
    /// Sessions open at each address.
    var sessions: [Address: Int] = [:]
    /// Points between the fullest and the emptiest server, at the worst moment.
    var worstSpread = 0.0
    /// Clients that were sent to each address, had they come or not.
    var sent: [Address: Int] = [:]
    /// The same spread among those: what the balancers did, without what the machine did then.
    var worstSent = 0.0
    var failures = 0
    var finished = 0
  }

  private let balancers: [Address]
  private let maximum: Int
  private let state: Mutex<Outcome>

  /// - Parameters:
  ///   - balancers: Clients go to them in turn.
  ///   - maximum: Places at each server: what a point is worth.
  init(balancers: [Address], servers: [Address], maximum: Int) {
    self.balancers = balancers
    self.maximum = maximum
    let none = Dictionary(uniqueKeysWithValues: servers.map { ($0, 0) })
    state = Mutex(Outcome(sessions: none, sent: none))
  }

  /// Lets them all come, spread evenly over the seconds, and waits until the last has its session.
  ///
  /// - Returns: The result, and how many seconds it took.
  func run(_ count: Int, overSeconds seconds: Double) throws -> (Outcome, seconds: Double) {
    let start = SteadyClock.nanoseconds
    let group = MultiThreadedEventLoopGroup.singleton
    for number in 0..<count {
      let loop = group.next()
      let delay = Int64(Double(number) / Double(count) * seconds * 1e9)
      let balancer = balancers[number % balancers.count]
      loop.scheduleTask(in: .nanoseconds(delay)) { self.come(to: balancer, on: loop) }
    }
    while state.withLock({ $0.finished }) < count {
      SteadyClock.wait(seconds: 0.02)
      guard SteadyClock.nanoseconds - start < 60_000_000_000 else {
        throw ProgramFailure("a logon storm is not over after a minute")
      }
    }
    return (state.withLock { $0 }, Double(SteadyClock.nanoseconds - start) / 1e9)
  }

  private func come(to balancer: Address, on loop: any EventLoop) {
    Visitor.exchange(balancer, Visitor.request("/v1/handshake"), until: "]}", on: loop)
      .flatMap { channel, answer -> EventLoopFuture<Address?> in
        channel.close(promise: nil)
        let servers = answer.split(separator: "\"address\":\"").dropFirst()
          .compactMap { try? Address(String($0.prefix { $0 != "\"" })) }
        let ticket = FileText.word(after: "\"ticket\":\"", in: answer)
          .map { String($0.prefix { $0 != "\"" }) }
        if let first = servers.first { self.noteSent(first) }
        return self.open(servers[...], ticket: ticket, on: loop)
      }
      .whenComplete { self.note(try? $0.get()) }
  }

  private func open(
    _ servers: ArraySlice<Address>, ticket: String?, on loop: any EventLoop
  ) -> EventLoopFuture<Address?> {
    guard let server = servers.first else { return loop.makeSucceededFuture(nil) }
    return Visitor.exchange(
      server, Visitor.session(ticket: ticket), until: "event: open", on: loop
    ).flatMap { channel, answer in
      if answer.contains("event: open") { return loop.makeSucceededFuture(server) }
      channel.close(promise: nil)
      return self.open(servers.dropFirst(), ticket: ticket, on: loop)
    }
  }

  private func noteSent(_ server: Address) {
    state.withLock { state in
      state.sent[server, default: 0] += 1
      state.worstSent = max(
        state.worstSent, StormCrowd.Outcome.spread(state.sent, maximum: maximum))
    }
  }

  private func note(_ server: Address??) {
    state.withLock { state in
      state.finished += 1
      guard let server = server ?? nil else {
        state.failures += 1
        return
      }
      state.sessions[server, default: 0] += 1
      state.worstSpread = max(state.worstSpread, state.spread(maximum: maximum))
    }
  }
}

extension StormCrowd.Outcome {
  /// Points of workload between the fullest and the emptiest server.
  func spread(maximum: Int) -> Double { Self.spread(sessions, maximum: maximum) }

  static func spread(_ counts: [Address: Int], maximum: Int) -> Double {
    Double((counts.values.max() ?? 0) - (counts.values.min() ?? 0)) / Double(maximum) * 100
  }
}
