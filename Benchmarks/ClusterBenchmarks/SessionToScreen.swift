internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import RealPrograms
internal import Synchronization

/// From a client that asks an instance for a session to the operator who sees it.
enum SessionToScreen {
  private static let rounds = 5
  private static let sessionsEach = 30

  static func run(_ programs: Programs) throws -> [Figure] {
    let cluster = try TestCluster(programs)
    try cluster.addInstances(1, maximum: 1_000)
    let times = Times()
    let reader = try FeedReader(socket: cluster.socket()) { times.heard($0) }
    defer { reader.close() }
    let aostop = try TerminalProgram(programs.aostop, [cluster.endpoint()], in: cluster.folder)
    guard aostop.wait(until: { $0.text.contains(" 0/1,000") }) != nil else {
      throw ProgramFailure("aostop shows no instance:\n\(aostop.screen.text)")
    }
    var (feed, screen) = ([Latencies](), [Latencies]())
    let address = cluster.instances[0].address
    for number in 1...rounds * sessionsEach {
      if number % sessionsEach == 1 {
        feed.append(Latencies())
        screen.append(Latencies())
      }
      // Not in step with anything that the programs do.
      TerminalProgram.attend([aostop], seconds: .random(in: 0.02..<0.1))
      let start = SteadyClock.nanoseconds
      let opening = Visitor.exchange(
        address, Visitor.session(ticket: nil), until: "event: open",
        on: MultiThreadedEventLoopGroup.singleton.any())
      guard let seen = aostop.wait(until: { $0.text.contains(" \(number)/1,000") }) else {
        throw ProgramFailure("session \(number) is not seen:\n\(aostop.screen.text)")
      }
      _ = try opening.wait()
      screen[screen.count - 1].add(nanoseconds: seen - start)
      if let heard = times.time(of: number) {
        feed[feed.count - 1].add(nanoseconds: heard - start)
      }
    }
    let most = Rounds(screen.map { $0.percentile(99) }).median
    return [
      Figure(
        what: "session asked for at an instance → on the status feed",
        ours: text(feed)),
      Figure(
        what: "session asked for at an instance → on aostop's screen",
        ours: text(screen),
        bar: "p99 \(most.text(0)) ms (≤ 150)", verdict: .init(most <= 150)),
    ]
  }

  private static func text(_ rounds: [Latencies]) -> String {
    "median \(Rounds(rounds.map(\.median)).text(" ms")), "
      + "p99 \(Rounds(rounds.map { $0.percentile(99) }).text(" ms"))"
  }

  /// When the feed first told of this many sessions.
  private final class Times: Sendable {
    private let heardAt = Mutex<[Int: Int64]>([:])

    func heard(_ number: Int) { heardAt.withLock { $0[number] = SteadyClock.nanoseconds } }
    func time(of number: Int) -> Int64? { heardAt.withLock { $0[number] } }
  }
}
